// Shares of bars: histogram, stacked bar, gauge.
import type { BarPart } from './types';
import { durationText } from './words';

// What a bucket is called, by its bounds in seconds: "≤ 1 ms", "1 to 5 ms", "> 10 s".
export function bucketText(bounds: readonly number[], bucket: number): string {
  const upper = bounds[bucket];
  const lower = bounds[bucket - 1];
  if (upper === undefined) return lower === undefined ? 'all' : `> ${durationText(lower * 1000)}`;
  if (lower === undefined) return `≤ ${durationText(upper * 1000)}`;
  const [from, fromUnit] = durationText(lower * 1000).split(/\s/);
  const [to, toUnit] = durationText(upper * 1000).split(/\s/);
  return fromUnit === toUnit ? `${from} to ${to} ${toUnit}` : `${from} ${fromUnit} to ${to} ${toUnit}`;
}

export const MOST_ROWS = 11;

// First and last bucket that have a row: all where they are few, else those from the first with
// something to the last. The same or more than before (`kept`), so that rows don't go each second.
export function shownBuckets(counts: readonly number[], kept: readonly [number, number] | null): [number, number] {
  const end = counts.length - 1;
  const first = counts.findIndex((count) => count > 0);
  if (counts.length <= MOST_ROWS || first < 0) return kept ? [kept[0], kept[1]] : [0, end];
  let last = end;
  while (last > first && !((counts[last] as number) > 0)) last--;
  const from = Math.max(0, Math.min(first, last - MOST_ROWS + 1));
  const to = Math.max(last, from + MOST_ROWS - 1);
  return kept ? [Math.min(kept[0], from), Math.max(kept[1], to)] : [from, Math.min(end, to)];
}

export interface Share {
  from: number; // 0 to 1
  width: number;
}

// Where each part of a stacked bar lies; unknown and negative ones take no place.
export function stack(parts: readonly BarPart[]): Share[] {
  const size = (part: BarPart): number => Math.max(0, part.value ?? 0);
  const total = parts.reduce((sum, part) => sum + size(part), 0);
  let from = 0;
  return parts.map((part) => {
    const share = { from, width: total > 0 ? size(part) / total : 0 };
    from += share.width;
    return share;
  });
}

export function shareOf(value: number | null, max: number | null): number | null {
  if (value === null || max === null || !(max > 0)) return null;
  return Math.max(0, Math.min(1, value / max));
}
