// The one table of thresholds: what the page judges by is what it shows.
import type { Severity, Unit } from './seam';
import { count, milliseconds, percent, seconds } from './format';

export interface Threshold {
  id: ThresholdId;
  what: string;
  warn: number;
  crit: number;
  unit: Unit;
  over: string; // the window
  least?: string; // what must have happened before it is judged
}

export type ThresholdId =
  | 'pause' | 'pauseShare' | 'live' | 'errors' | 'p99' | 'stall' | 'busy' | 'pool' | 'overhead'
  | 'blocked' | 'lost';

// Fewer requests than this say nothing about a share or a percentile.
export const LEAST_REQUESTS = 20;
export const WINDOW_S = 60;

const MINUTE = 'last 60 s';

export const THRESHOLDS: readonly Threshold[] = [
  { id: 'pause', what: 'Longest GC pause', warn: 10, crit: 50, unit: milliseconds, over: MINUTE },
  { id: 'pauseShare', what: 'Time stopped by GC', warn: 0.05, crit: 0.2, unit: percent, over: MINUTE },
  { id: 'live', what: 'Live set of the heap', warn: 0.7, crit: 0.9, unit: percent, over: 'now, of the total' },
  { id: 'errors', what: 'Requests answered 5xx', warn: 0.01, crit: 0.05, unit: percent, over: MINUTE,
    least: `${LEAST_REQUESTS} requests` },
  { id: 'p99', what: 'P99 of a request', warn: 0.1, crit: 0.5, unit: seconds, over: MINUTE,
    least: `${LEAST_REQUESTS} requests` },
  { id: 'stall', what: 'Longest turn of a loop', warn: 100, crit: 500, unit: milliseconds, over: MINUTE },
  { id: 'busy', what: 'Share of time a loop is busy', warn: 0.8, crit: 0.95, unit: percent, over: MINUTE },
  { id: 'blocked', what: 'A loop has not turned', warn: 3, crit: 10, unit: seconds, over: 'now' },
  { id: 'pool', what: 'Use of a pool', warn: 0.75, crit: 0.9, unit: percent, over: 'now' },
  { id: 'overhead', what: "Probes' share of the process's CPU", warn: 0.02, crit: 0.05, unit: percent, over: 'as last audited' },
  { id: 'lost', what: 'Events lost', warn: 1, crit: 1000, unit: count, over: MINUTE },
];

const BY_ID = new Map(THRESHOLDS.map((threshold) => [threshold.id, threshold]));

export function threshold(id: ThresholdId): Threshold {
  const found = BY_ID.get(id);
  if (!found) throw new Error(`no threshold ${id}`);
  return found;
}

export function judge(id: ThresholdId, value: number | null): Severity {
  if (value === null) return 'unknown';
  const { warn, crit } = threshold(id);
  if (value >= crit) return 'crit';
  return value >= warn ? 'warn' : 'ok';
}

const RANK: Record<Severity, number> = { unknown: 0, ok: 1, warn: 2, crit: 3 };

export function worse(a: Severity, b: Severity): Severity {
  return RANK[a] >= RANK[b] ? a : b;
}

export function worst(all: readonly Severity[]): Severity {
  return all.reduce<Severity>(worse, 'unknown');
}
