// What one tick shows: a target's samples and events in the chosen range, and over the last minute.
import type { ConnectionState } from './connection';
import { pausesOf } from './events';
import type { EventLog } from './events';
import type { History } from './history';
import { percentile } from './percentiles';
import type { Percentile } from './percentiles';
import { growth, meanRate, nullable, rates, slope } from './rates';
import type { Column, Growth } from './rates';
import { PROCESS } from './samples';
import type { TargetDocument, TimelineEvent, Zone } from './seam';
import type { Target } from './targets';
import { WINDOW_S } from './thresholds';
import { bucketGrowth } from './tracks';

export interface Range {
  fromMs: number;
  toMs: number;
}

export interface Latency {
  bounds: number[];
  counts: number[]; // of each bucket alone
}

type Cut = ReturnType<History['tracks']['stretch']>;

const SLIDE_S = 10; // over which a charted percentile is taken: of one second there are too few

export class Scene {
  private readonly whole: Cut;
  private readonly minute: Cut;
  readonly events: TimelineEvent[];
  readonly recent: TimelineEvent[]; // of the last minute

  constructor(
    readonly target: Target,
    readonly document: TargetDocument,
    readonly history: History,
    log: EventLog,
    readonly range: Range,
    readonly zone: Zone,
    readonly connection: ConnectionState,
  ) {
    this.whole = history.tracks.stretch(range.fromMs, range.toMs);
    const minuteAgo = range.toMs - WINDOW_S * 1000;
    this.minute = history.tracks.stretch(minuteAgo, range.toMs);
    this.events = log.between(target.process, Math.min(range.fromMs, minuteAgo), range.toMs);
    this.recent = this.events.filter((event) => event.unix_ms >= minuteAgo);
  }

  get nowMs(): number {
    return this.range.toMs;
  }

  // The clock of all columns.
  get x(): number[] {
    return Array.from(this.whole.times);
  }

  get samples(): number {
    return this.whole.times.length;
  }

  column(name: string, key = PROCESS): Column {
    return nullable(this.values(name, key, this.whole));
  }

  rate(name: string, key = PROCESS): Column {
    return rates(this.values(name, key, this.whole), this.whole);
  }

  last(name: string, key = PROCESS): number | null {
    const values = this.values(name, key, this.minute);
    const value = values[values.length - 1] ?? NaN;
    return Number.isNaN(value) ? null : value;
  }

  // Over the last minute.
  grown(name: string, key = PROCESS): Growth | null {
    return growth(this.values(name, key, this.minute), this.minute);
  }

  meanRate(name: string, key = PROCESS): number | null {
    return meanRate(this.values(name, key, this.minute), this.minute);
  }

  grownInView(name: string, key = PROCESS): Growth | null {
    return growth(this.values(name, key, this.whole), this.whole);
  }

  // How much of the last minute there are samples of.
  get minuteSeconds(): number {
    const { times } = this.minute;
    return ((times[times.length - 1] ?? 0) - (times[0] ?? 0)) / 1000;
  }

  // How a gauge moves, over the last `seconds` or as many as there are.
  trend(name: string, seconds: number): { perSecond: number; seconds: number } | null {
    const cut = this.history.tracks.stretch(this.range.toMs - seconds * 1000, this.range.toMs);
    const { times } = cut;
    const perSecond = slope(this.values(name, PROCESS, cut), times);
    const over = ((times[times.length - 1] ?? 0) - (times[0] ?? 0)) / 1000;
    return perSecond === null ? null : { perSecond, seconds: over };
  }

  // In the last minute: by how much more is used, and what was reclaimed meanwhile.
  allocatedPerSecond(): number | null {
    const reclaimed = this.grown('gc_reclaimed_bytes');
    const used = this.values('heap_used', PROCESS, this.minute);
    const first = used.findIndex((value) => !Number.isNaN(value));
    const more = (used[used.length - 1] ?? NaN) - (used[first] ?? NaN);
    if (!reclaimed || Number.isNaN(more) || this.minute.fresh.includes(1)) return null;
    return Math.max(0, (more + reclaimed.by) / reclaimed.seconds);
  }

  longestPauseMs(): number | null {
    const pauses = pausesOf(this.recent);
    return pauses.length > 0 ? Math.max(...pauses) : null;
  }

  // Of what happened in the last minute; null before two samples.
  latency(key: string): Latency | null {
    return this.latencyOf(key, this.minute.from, this.minute.to);
  }

  percentile(key: string, share: number): Percentile | null {
    const latency = this.latency(key);
    return latency ? percentile(latency.bounds, latency.counts, share) : null;
  }

  // At each sample, over the seconds before it. The largest bound stands for what lies beyond it.
  percentiles(keys: readonly string[], shares: readonly number[]): Column[] {
    const columns: Column[] = shares.map(() => []);
    const { from, to } = this.whole;
    for (let i = from; i < to; i++) {
      const latency = this.mergedLatency(keys, Math.max(from, i - SLIDE_S), i + 1);
      shares.forEach((share, s) => {
        const found = latency ? percentile(latency.bounds, latency.counts, share) : null;
        columns[s]?.push(found ? found.seconds : null);
      });
    }
    return columns;
  }

  // Several servers as one, where their buckets are the same; of the last minute without a stretch.
  mergedLatency(keys: readonly string[], from = this.minute.from, to = this.minute.to): Latency | null {
    let merged: Latency | null = null;
    for (const key of keys) {
      const one = this.latencyOf(key, from, to);
      if (!one) continue;
      if (!merged) merged = one;
      else if (sameBounds(merged.bounds, one.bounds)) merged = { bounds: merged.bounds, counts: added(merged.counts, one.counts) };
    }
    return merged;
  }

  private latencyOf(key: string, from: number, to: number): Latency | null {
    const track = this.history.tracks.track(key);
    const fresh = from === this.minute.from && to === this.minute.to
      ? this.minute.fresh : this.whole.fresh.subarray(from - this.whole.from);
    const counts = bucketGrowth(track, from, to, fresh);
    return track && counts ? { bounds: track.bounds, counts } : null;
  }

  private values(name: string, key: string, cut: Cut): Float64Array {
    return this.history.tracks.values(key, name, cut.from, cut.to);
  }
}

function sameBounds(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

function added(a: number[], b: number[]): number[] {
  return a.map((count, i) => count + (b[i] ?? 0));
}
