// The events of all targets that the page keeps: a bounded window, oldest first.
import type { GcEvent, StallEvent, TimelineEvent } from './seam';

export const KEPT_EVENTS = 4096; // a target
export const KEPT_MS = 10.5 * 60_000;

export class EventLog {
  private readonly byProcess = new Map<string, TimelineEvent[]>();
  private latestSeq = -1;
  dropped = 0; // of those that came, since they were more than are kept

  // False for what came already: after a reconnect some come twice.
  add(event: TimelineEvent): boolean {
    if (event.seq <= this.latestSeq) return false;
    this.latestSeq = event.seq;
    let events = this.byProcess.get(event.process);
    if (!events) {
      events = [];
      this.byProcess.set(event.process, events);
    }
    events.push(event);
    // Not one by one: moving 4,096 for each event is work that grows with the rate.
    if (events.length > KEPT_EVENTS + 512) {
      this.dropped += events.length - KEPT_EVENTS;
      events.splice(0, events.length - KEPT_EVENTS);
    }
    return true;
  }

  // What is older than what any chart shows.
  forgetBefore(unixMs: number): void {
    for (const events of this.byProcess.values()) {
      const from = events.findIndex((event) => endOf(event) >= unixMs);
      if (from > 0) events.splice(0, from);
      if (from < 0) events.length = 0;
    }
  }

  clear(): void {
    this.byProcess.clear();
    this.latestSeq = -1;
    this.dropped = 0;
  }

  get last(): number {
    return this.latestSeq;
  }

  of(process: string): readonly TimelineEvent[] {
    return this.byProcess.get(process) ?? [];
  }

  between(process: string, fromMs: number, toMs: number): TimelineEvent[] {
    return this.of(process).filter((event) => endOf(event) >= fromMs && event.unix_ms <= toMs);
  }
}

export function endOf(event: TimelineEvent): number {
  switch (event.kind) {
    case 'gc': return event.unix_ms + (event.pause_ms ?? 0);
    case 'stall': return event.unix_ms + event.busy_ms;
    case 'lost': return event.until_unix_ms;
    default: return event.unix_ms;
  }
}

export function isGc(event: TimelineEvent): event is GcEvent {
  return event.kind === 'gc';
}

export function isStall(event: TimelineEvent): event is StallEvent {
  return event.kind === 'stall';
}

// Pauses that stopped the world, or may have.
export function pausesOf(events: readonly TimelineEvent[]): number[] {
  return events.filter(isGc)
    .filter((event) => event.world_stopped !== false)
    .map((event) => event.pause_ms)
    .filter((ms): ms is number => ms !== null);
}
