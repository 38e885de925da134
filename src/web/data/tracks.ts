// Rings of samples: a page that is open for a week keeps what it kept in its first hour.

export const KEPT = 610; // samples: ten minutes at one a second, and some to take differences from
const SLACK = 150; // what is over stands until there is so much of it: then all is moved at once

// One thing's columns (a process, a server, …), all on the clock of their Tracks.
export interface Track {
  columns: Map<string, Float64Array>;
  bounds: number[]; // of the buckets, without +Inf; none: no histogram
  buckets: Float64Array; // cumulative counts, sample after sample, +Inf included
  lastSeen: number; // ms
}

export interface TrackValues {
  values: Record<string, number | null>;
  latency?: { bounds: number[]; cumulative: readonly number[] | null } | undefined;
}

export class Tracks {
  private readonly room = KEPT + SLACK;
  private readonly clock = new Float64Array(this.room);
  private readonly starts = new Float64Array(this.room);
  private readonly tracks = new Map<string, Track>();
  private length = 0;

  get latestMs(): number | null {
    return this.length > 0 ? this.clock[this.length - 1] ?? null : null;
  }

  clear(): void {
    this.length = 0;
    this.tracks.clear();
  }

  keys(): string[] {
    return [...this.tracks.keys()];
  }

  track(key: string): Track | undefined {
    return this.tracks.get(key);
  }

  drop(key: string): void {
    this.tracks.delete(key);
  }

  // A further sample of everything. Times never run backwards: an older one is passed over.
  push(unixMs: number, startMs: number | null, all: Map<string, TrackValues>): boolean {
    if (this.length > 0 && unixMs <= (this.clock[this.length - 1] ?? 0)) return false;
    if (this.length === this.room) this.moveDown();
    const at = this.length++;
    this.clock[at] = unixMs;
    this.starts[at] = startMs ?? NaN;
    for (const track of this.tracks.values()) forget(track, at);
    for (const [key, given] of all) this.write(key, at, given);
    return true;
  }

  // From `fromMs` on, and one sample before it, to take its difference from.
  stretch(fromMs: number, toMs: number): { from: number; to: number; times: Float64Array; fresh: Uint8Array } {
    let to = this.length;
    while (to > 0 && (this.clock[to - 1] ?? 0) > toMs) to--;
    let from = to;
    while (from > 0 && (this.clock[from - 1] ?? 0) >= fromMs) from--;
    if (from > 0) from--;
    const fresh = new Uint8Array(to - from);
    for (let i = from + 1; i < to; i++) {
      const before = this.starts[i - 1] ?? NaN;
      const now = this.starts[i] ?? NaN;
      // Start times are made of clock ticks and may be some milliseconds off.
      fresh[i - from] = Math.abs(now - before) > 1000 ? 1 : 0;
    }
    return { from, to, times: this.clock.subarray(from, to), fresh };
  }

  values(key: string, column: string, from: number, to: number): Float64Array {
    const found = this.tracks.get(key)?.columns.get(column);
    return found ? found.subarray(from, to) : new Float64Array(to - from).fill(NaN);
  }

  private write(key: string, at: number, given: TrackValues): void {
    const track = this.tracks.get(key) ?? this.add(key);
    track.lastSeen = this.clock[at] ?? 0;
    for (const [name, value] of Object.entries(given.values)) {
      let column = track.columns.get(name);
      if (!column) {
        column = new Float64Array(this.room).fill(NaN);
        track.columns.set(name, column);
      }
      column[at] = value ?? NaN;
    }
    if (given.latency) this.writeBuckets(track, at, given.latency.bounds, given.latency.cumulative);
  }

  private writeBuckets(track: Track, at: number, bounds: number[], cumulative: readonly number[] | null): void {
    const width = bounds.length + 1;
    if (track.bounds.length !== bounds.length || track.bounds.some((b, i) => b !== bounds[i])) {
      track.bounds = bounds.slice();
      track.buckets = new Float64Array(this.room * width).fill(NaN);
    }
    if (!cumulative) return;
    for (let i = 0; i < width; i++) track.buckets[at * width + i] = cumulative[i] ?? NaN;
  }

  private add(key: string): Track {
    const track: Track = { columns: new Map(), bounds: [], buckets: new Float64Array(0), lastSeen: 0 };
    this.tracks.set(key, track);
    return track;
  }

  private moveDown(): void {
    const by = this.length - KEPT;
    this.clock.copyWithin(0, by);
    this.starts.copyWithin(0, by);
    for (const track of this.tracks.values()) {
      for (const column of track.columns.values()) column.copyWithin(0, by);
      track.buckets.copyWithin(0, by * (track.bounds.length + 1));
    }
    this.length = KEPT;
  }
}

function forget(track: Track, at: number): void {
  for (const column of track.columns.values()) column[at] = NaN;
  if (track.buckets.length === 0) return;
  const width = track.bounds.length + 1;
  track.buckets.fill(NaN, at * width, (at + 1) * width);
}

// How often each bucket was hit from sample `from` to `to`, over resets; null: not known.
export function bucketGrowth(
  track: Track | undefined, from: number, to: number, fresh: Uint8Array,
): number[] | null {
  if (!track || track.buckets.length === 0) return null;
  const width = track.bounds.length + 1;
  const grown = new Array<number>(width).fill(0);
  let known = false;
  for (let i = from + 1; i < to; i++) {
    if (fresh[i - from]) continue;
    const now = track.buckets.subarray(i * width, (i + 1) * width);
    const before = track.buckets.subarray((i - 1) * width, i * width);
    const total = (now[width - 1] ?? NaN) - (before[width - 1] ?? NaN);
    if (!(total >= 0)) continue;
    known = true;
    if (total > 0) addStep(grown, now, before);
  }
  return known ? grown : null;
}

function addStep(grown: number[], now: Float64Array, before: Float64Array): void {
  let below = 0;
  for (let b = 0; b < grown.length; b++) {
    const step = (now[b] ?? 0) - (before[b] ?? 0);
    grown[b] = (grown[b] ?? 0) + Math.max(0, step - below);
    below = step;
  }
}
