// Axes of values: from 0, with a top that grows at once and shrinks only after a while.

const SHRINK_AFTER_MS = 30_000;
const DECIMAL_TOPS = [1, 2, 4, 5, 8, 10];
const BINARY_TOPS = [1, 1.5, 2];

export interface AxisKind {
  base?: 1000 | 1024 | undefined;
  whole?: boolean | undefined;
}

// The least round number that is at least `needed`, and that can be divided into round steps.
export function niceTop(needed: number, kind: AxisKind = {}): number {
  const least = kind.whole ? 4 : kind.base === 1024 ? 1024 : 0;
  if (!(needed > 0) || !Number.isFinite(needed)) return least || 1;
  const factor = kind.base === 1024 ? 2 : 10;
  const power = factor ** Math.floor(Math.log(needed) / Math.log(factor));
  const tops = kind.base === 1024 ? BINARY_TOPS : DECIMAL_TOPS;
  const top = tops.find((multiple) => multiple * power >= needed * (1 - 1e-9)) ?? factor;
  return Math.max(top * power, least);
}

// Round places of an axis from 0 to a niceTop, `mostSteps` apart at most (2 or more).
export function valueTicks(top: number, mostSteps: number): number[] {
  const leading = Number((top / 10 ** Math.floor(Math.log10(top))).toPrecision(3));
  const full = leading === 5 ? 5 : 4;
  const steps = mostSteps >= full ? full : leading === 5 ? 1 : mostSteps >= 2 ? 2 : 1;
  return Array.from({ length: steps + 1 }, (_, index) => (top * index) / steps);
}

// The top of one axis through time. Grows at once, since a line must not leave the box; shrinks to
// the highest of the last 30 s only after these 30 s, so that it doesn't jump at each peak's end.
export class AxisTop {
  private current = 0;
  private calmSinceMs = 0;
  private highestSince = 0;

  constructor(private readonly kind: AxisKind = {}) {}

  top(needed: number, nowMs: number): number {
    const nice = niceTop(needed, this.kind);
    if (nice >= this.current) {
      this.start(nice, nowMs);
    } else {
      this.highestSince = Math.max(this.highestSince, nice);
      if (nowMs - this.calmSinceMs >= SHRINK_AFTER_MS) this.start(this.highestSince, nowMs);
    }
    return this.current;
  }

  // Another window is shown: what was high before says nothing of it.
  forget(): void {
    this.current = 0;
  }

  private start(top: number, nowMs: number): void {
    this.current = top;
    this.calmSinceMs = nowMs;
    this.highestSince = 0;
  }
}

// Share of the height of a logarithmic lane, 0 to 1. What is below the least still shows.
export class LogScale {
  constructor(
    readonly least: number,
    readonly most: number,
  ) {}

  share(value: number): number {
    if (!(value > this.least)) return 0;
    return Math.min(1, Math.log(value / this.least) / Math.log(this.most / this.least));
  }

  decades(): number[] {
    const count = Math.round(Math.log10(this.most / this.least));
    return Array.from({ length: count + 1 }, (_, index) =>
      Number((this.least * 10 ** index).toPrecision(6)),
    );
  }
}

// Largest value of some columns between two places, 0 where there is none.
export function highest(columns: readonly (readonly (number | null)[])[], from = 0, to = Infinity): number {
  let most = 0;
  for (const column of columns) {
    const end = Math.min(to, column.length);
    for (let index = from; index < end; index++) {
      const value = column[index];
      if (typeof value === 'number' && value > most) most = value;
    }
  }
  return most;
}

// Places of single values between gaps: a line has no length there, so they need a point.
export function isolated(values: readonly (number | null | undefined)[], from: number, to: number): number[] {
  const found: number[] = [];
  for (let index = from; index <= to; index++) {
    if (values[index] == null) continue;
    if (values[index - 1] == null && values[index + 1] == null) found.push(index);
  }
  return found;
}

// First place of a rising list whose value is at least `value`.
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Place of a rising list that is nearest to `value`, -1 in an empty one.
export function nearestIndex(sorted: readonly number[], value: number): number {
  const after = lowerBound(sorted, value);
  if (after === 0) return sorted.length === 0 ? -1 : 0;
  if (after === sorted.length) return after - 1;
  return (sorted[after] as number) - value < value - (sorted[after - 1] as number) ? after : after - 1;
}
