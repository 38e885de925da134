// Events for the tests of charts.
import type { GcEvent } from '../../data/seam';
import type { TimelineEvent } from '../types';

export const AT = Date.UTC(2026, 1, 3, 14, 2, 11, 42);

export function gc(seq: number, over: Partial<GcEvent> = {}): GcEvent {
  return {
    seq, process: '', kind: 'gc', unix_ms: AT, cycle: seq, heap: 0, reason: 'threshold', world_stopped: true,
    safepoint_ms: 0.4, pause_ms: 12.5, used_before: 200, used_after: 100, total: 400, reclaimed: 100,
    trigger: 300, requests_hit: 3, last_thread: { tid: 7, name: 'worker' }, arrivals: [], ...over,
  };
}

export function lost(seq: number, count: number): TimelineEvent {
  return { seq, process: '', kind: 'lost', unix_ms: AT, until_unix_ms: AT + 5, count, cause: 'ring_full' };
}
