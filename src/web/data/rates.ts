// What happened between samples of a counter. A counter that falls, or a process that is another
// one, is a reset: nothing is known of that step, and it is never negative.

export type Column = (number | null)[];

// Samples of a stretch of time: NaN is not known. `fresh[i]`: another process than at i - 1.
export interface Stretch {
  times: Float64Array;
  fresh: Uint8Array;
}

// By how much it rose from sample i - 1 to i; NaN where that isn't known.
export function rise(values: Float64Array, fresh: Uint8Array, i: number): number {
  if (i < 1 || fresh[i]) return NaN;
  const by = (values[i] ?? NaN) - (values[i - 1] ?? NaN);
  return by >= 0 ? by : NaN;
}

export function nullable(values: Float64Array): Column {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}

// A second, at each sample; the first has none.
export function rates(values: Float64Array, stretch: Stretch): Column {
  return Array.from(values, (_, i) => {
    const ms = (stretch.times[i] ?? NaN) - (stretch.times[i - 1] ?? NaN);
    const rate = (rise(values, stretch.fresh, i) / ms) * 1000;
    return Number.isFinite(rate) ? rate : null;
  });
}

export interface Growth {
  by: number;
  seconds: number; // over which it is known
}

// All rises together. Null before two samples of one process.
export function growth(values: Float64Array, stretch: Stretch): Growth | null {
  let by = 0;
  let ms = 0;
  for (let i = 1; i < values.length; i++) {
    const step = rise(values, stretch.fresh, i);
    if (Number.isNaN(step)) continue;
    by += step;
    ms += (stretch.times[i] ?? 0) - (stretch.times[i - 1] ?? 0);
  }
  return ms > 0 ? { by, seconds: ms / 1000 } : null;
}

export function meanRate(values: Float64Array, stretch: Stretch): number | null {
  const grown = growth(values, stretch);
  return grown ? grown.by / grown.seconds : null;
}

// Two columns one above the other; not known where neither is.
export function sumOf(columns: readonly Column[]): Column {
  const [first] = columns;
  if (!first) return [];
  return first.map((_, i) => {
    const known = columns.map((column) => column[i]).filter((v): v is number => typeof v === 'number');
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
  });
}

// How fast a value moves, a second, by the line that fits its known samples best.
export function slope(values: Float64Array, times: Float64Array): number | null {
  let n = 0, sumT = 0, sumV = 0;
  const origin = times[0] ?? 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] ?? NaN;
    if (Number.isNaN(v)) continue;
    n++;
    sumT += ((times[i] ?? 0) - origin) / 1000;
    sumV += v;
  }
  if (n < 3) return null;
  let above = 0, below = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] ?? NaN;
    if (Number.isNaN(v)) continue;
    const t = ((times[i] ?? 0) - origin) / 1000 - sumT / n;
    above += t * (v - sumV / n);
    below += t * t;
  }
  return below > 0 ? above / below : null;
}
