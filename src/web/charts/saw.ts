// The heap's saw-tooth: what each collection knows of its begin and end, joined with the samples of
// each second.
import type { HeapSamples, Range, TimelineEvent } from './types';

export interface Saw {
  unixMs: number[];
  used: (number | null)[];
}

interface Point {
  at: number;
  used: number | null;
}

// Where a runtime has several heaps, an event tells of one of them and the samples of all: then the
// samples alone are the line.
export function sawTooth(events: readonly TimelineEvent[], heap: HeapSamples, range: Range): Saw {
  const severalHeaps = events.some((event) => event.kind === 'gc' && event.heap > 0);
  const marks = eventPoints(events, range, severalHeaps);
  const samples = samplePoints(heap, range);
  const saw: Saw = { unixMs: [], used: [] };
  let mark = 0;
  for (const sample of samples) {
    while (mark < marks.length && (marks[mark] as Point).at <= sample.at) push(saw, marks[mark++] as Point);
    push(saw, sample);
  }
  while (mark < marks.length) push(saw, marks[mark++] as Point);
  return saw;
}

function push(saw: Saw, point: Point): void {
  saw.unixMs.push(point.at);
  saw.used.push(point.used);
}

function eventPoints(events: readonly TimelineEvent[], range: Range, severalHeaps: boolean): Point[] {
  const points: Point[] = [];
  for (const event of events) {
    if (event.unix_ms < range.fromMs || event.unix_ms > range.toMs) continue;
    if (event.kind === 'target') points.push({ at: event.unix_ms, used: null });
    if (event.kind !== 'gc' || severalHeaps) continue;
    if (event.used_before !== null) points.push({ at: event.unix_ms, used: event.used_before });
    if (event.used_after !== null) {
      points.push({ at: event.unix_ms + (event.pause_ms ?? 0), used: event.used_after });
    }
  }
  // In order but for an end that lies after the next begin, of concurrent collections.
  return points.sort((a, b) => a.at - b.at);
}

function samplePoints(heap: HeapSamples, range: Range): Point[] {
  const points: Point[] = [];
  heap.unixMs.forEach((at, index) => {
    if (at >= range.fromMs && at <= range.toMs) points.push({ at, used: heap.used[index] ?? null });
  });
  return points;
}
