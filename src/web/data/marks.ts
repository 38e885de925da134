// The lines over every chart: collections and restarts.
import { isGc } from './events';
import { milliseconds } from './format';
import type { Range } from './scene';
import type { TimelineEvent } from './seam';

export interface Mark {
  unixMs: number;
  kind: 'gc' | 'restart';
  label: string;
}

const MOST = 240; // no chart is wide enough to tell more apart

// Of the collections that would lie in one line, the longest, and how many there were.
export function marksOf(events: readonly TimelineEvent[], range: Range): Mark[] {
  const step = (range.toMs - range.fromMs) / MOST;
  const longest = new Map<number, { unixMs: number; pauseMs: number; count: number }>();
  const marks: Mark[] = [];
  for (const event of events) {
    if (event.unix_ms < range.fromMs || event.unix_ms > range.toMs) continue;
    if (event.kind === 'target' && event.what === 'started') {
      marks.push({ unixMs: event.unix_ms, kind: 'restart', label: `pid ${event.pid} started` });
    }
    if (!isGc(event)) continue;
    const slot = Math.floor((event.unix_ms - range.fromMs) / step);
    const before = longest.get(slot);
    const pauseMs = event.pause_ms ?? 0;
    if (!before) longest.set(slot, { unixMs: event.unix_ms, pauseMs, count: 1 });
    else {
      before.count++;
      if (pauseMs > before.pauseMs) Object.assign(before, { unixMs: event.unix_ms, pauseMs });
    }
  }
  for (const { unixMs, pauseMs, count } of longest.values()) {
    const longestOf = count > 1 ? `, the longest of ${count}` : '';
    marks.push({ unixMs, kind: 'gc', label: `GC ${milliseconds.format(pauseMs)}${longestOf}` });
  }
  return marks.sort((a, b) => a.unixMs - b.unixMs);
}
