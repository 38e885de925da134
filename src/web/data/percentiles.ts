// Percentiles of a histogram's buckets.

export interface Percentile {
  seconds: number;
  beyond: boolean; // it lies in the last bucket, which has no upper bound: more than `seconds`
}

// `counts`: of each bucket alone, one more than there are bounds. Between the bounds of its bucket
// a percentile stands where it would if the durations were spread evenly. Null without any count.
export function percentile(bounds: ArrayLike<number>, counts: ArrayLike<number>, share: number): Percentile | null {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i] ?? 0;
  if (!(total > 0)) return null;
  const rank = share * total;
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    const here = counts[i] ?? 0;
    if (here > 0 && below + here >= rank) {
      const lower = i === 0 ? 0 : bounds[i - 1] ?? 0;
      const upper = bounds[i] ?? lower;
      return { seconds: lower + ((upper - lower) * (rank - below)) / here, beyond: false };
    }
    below += here;
  }
  return { seconds: bounds[bounds.length - 1] ?? 0, beyond: true };
}

// Cumulative counts to counts of each bucket alone.
export function alone(cumulative: ArrayLike<number>): number[] {
  const counts: number[] = [];
  for (let i = 0; i < cumulative.length; i++) {
    counts.push((cumulative[i] ?? 0) - (i === 0 ? 0 : cumulative[i - 1] ?? 0));
  }
  return counts;
}

// How many values lie in each bucket.
export function bucketed(bounds: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const at = bounds.findIndex((bound) => value <= bound);
    const bucket = at < 0 ? bounds.length : at;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
