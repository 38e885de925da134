// Which targets there are, and which of them the page shows.
import type { Hello, TargetDocument, TimelineEvent } from './seam';

export interface Target {
  process: string; // its label, "" where one process is watched by its pid
  pid: number;
  up: boolean;
  document: TargetDocument | null;
  endedMs: number | null; // when it was seen to have ended
}

export class Targets {
  private readonly known = new Map<string, Target>();
  private wanted: string | null;

  constructor(wanted: string | null) {
    this.wanted = wanted;
  }

  greet(hello: Hello): void {
    for (const { process, pid, up } of hello.targets) {
      const target = this.take(process, pid);
      target.up = up;
    }
    this.keepOnly(new Set(hello.targets.map((target) => target.process)));
  }

  // One second's documents of all targets.
  update(documents: readonly TargetDocument[], unixMs: number): void {
    for (const document of documents) {
      const { name, pid, up } = document.process;
      const target = this.take(name, pid);
      if (!up && target.up && target.endedMs === null) target.endedMs = unixMs;
      if (up) target.endedMs = null;
      target.up = up;
      target.document = document;
    }
    this.keepOnly(new Set(documents.map((document) => document.process.name)));
  }

  note(event: TimelineEvent): void {
    if (event.kind !== 'target') return;
    const target = this.known.get(event.process);
    if (target) target.endedMs = event.what === 'ended' ? event.unix_ms : null;
  }

  choose(process: string): void {
    this.wanted = process;
  }

  list(): Target[] {
    return [...this.known.values()];
  }

  // The one that was asked for; else the first that is up; else the first.
  chosen(): Target | null {
    const wanted = this.wanted === null ? undefined : this.known.get(this.wanted);
    if (wanted) return wanted;
    const all = this.list();
    return all.find((target) => target.up) ?? all[0] ?? null;
  }

  private take(process: string, pid: number): Target {
    let target = this.known.get(process);
    if (!target) {
      target = { process, pid, up: true, document: null, endedMs: null };
      this.known.set(process, target);
    }
    target.pid = pid;
    return target;
  }

  // Who is no longer told of goes, but for the one that is looked at: it has ended.
  private keepOnly(names: Set<string>): void {
    for (const [name, target] of this.known) {
      if (names.has(name)) continue;
      if (name === this.wanted) target.up = false;
      else this.known.delete(name);
    }
  }
}

export function targetName(target: Pick<Target, 'process' | 'pid'>): string {
  return target.process === '' ? `process ${target.pid}` : target.process;
}
