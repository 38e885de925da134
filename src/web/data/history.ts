// The last ten minutes of one target, for all cards.
import { memberKey, sampleOfDocument, samplesOfHistory } from './samples';
import type { Member, Sample } from './samples';
import type { HistoryAnswer, TargetDocument } from './seam';
import { KEPT, Tracks } from './tracks';
import type { Track } from './tracks';

export const MOST_CARDS = 64; // of each kind that are kept and drawn

export interface Members {
  shown: Member[];
  leftOut: number;
}

const GAP_MS = 3_500;
const NOBODY: Members = { shown: [], leftOut: 0 };

export class History {
  readonly tracks = new Tracks();
  systems: Members = NOBODY;
  servers: Members = NOBODY;
  clients: Members = NOBODY;
  private pushed = 0;

  clear(): void {
    this.tracks.clear();
    this.systems = this.servers = this.clients = NOBODY;
  }

  // What of the answer came after all that is kept: after a sleep or a start, that is all or the hole.
  append(answer: HistoryAnswer): void {
    const after = this.tracks.latestMs ?? -Infinity;
    for (const sample of samplesOfHistory(answer)) if (sample.unixMs > after) this.push(sample);
  }

  // Whether samples are missing before one of that time.
  lacksBefore(unixMs: number): boolean {
    const latest = this.tracks.latestMs;
    return latest === null || unixMs - latest > GAP_MS;
  }

  take(document: TargetDocument, unixMs: number): void {
    const before = this.tracks.latestMs;
    // A hole is shown as one: without this, lines would be drawn across it.
    if (before !== null && this.lacksBefore(unixMs)) this.tracks.push(before + 1000, null, new Map());
    this.push(sampleOfDocument(document, unixMs));
  }

  private push(sample: Sample): void {
    this.systems = this.choose(this.systems, sample.systems, sample, 'loop_iterations');
    this.servers = this.choose(this.servers, sample.servers, sample, 'requests_2xx');
    this.clients = this.choose(this.clients, sample.clients, sample, 'operations');
    if (!this.tracks.push(sample.unixMs, sample.startMs, sample.tracks)) return;
    if (++this.pushed % 60 === 0) this.dropUnseen(sample.unixMs);
  }

  // The busiest, in an order that stays: who is drawn keeps the place. All others are not kept.
  private choose(before: Members, now: Member[], sample: Sample, by: string): Members {
    const amount = ({ key }: Member): number => sample.tracks.get(key)?.values[by] ?? 0;
    const leaving = now.length > MOST_CARDS
      ? [...now].sort((a, b) => amount(b) - amount(a)).slice(MOST_CARDS) : [];
    for (const { key } of leaving) {
      sample.tracks.delete(key);
      this.tracks.drop(key);
    }
    const left = new Set(leaving.map(({ key }) => key));
    const staying = new Map(now.filter(({ key }) => !left.has(key)).map((member) => [member.key, member]));
    const shown = before.shown.filter(({ key }) => staying.delete(key));
    return { shown: [...shown, ...staying.values()], leftOut: leaving.length };
  }

  private dropUnseen(nowMs: number): void {
    for (const key of this.tracks.keys()) {
      const track = this.tracks.track(key);
      if (track && nowMs - track.lastSeen > KEPT * 1000) this.tracks.drop(key);
    }
  }

  system(name: string): Track | undefined {
    return this.tracks.track(memberKey('system', name));
  }
}
