// The flight recorder's newest captures, asked for now and then while the list can be seen.
import { bytes, dateTime, written } from '../data/format';
import type { Scene } from '../data/scene';
import { link, make, tabLink, write } from './parts';

const ASK_EACH_MS = 15_000;

interface Capture {
  id: string | number;
  name?: string;
  unix_ms: number;
  rule?: string;
  bytes?: number;
  flamegraph?: string | null; // its path, once there is a profile
}

interface CapturesAnswer {
  captures: Capture[];
}

export class Captures {
  readonly element = make('div', 'captures');
  private readonly list = make('ul', '');
  private readonly note = make('p', 'why', 'not asked yet');
  private askedAt = -Infinity;
  private shown = '';

  constructor() {
    this.element.append(make('h3', '', 'Captures'), this.list, this.note);
  }

  update(scene: Scene): void {
    const fired = scene.recent.some((event) => event.kind === 'capture' && scene.nowMs - event.unix_ms < 3_000);
    const now = performance.now();
    if (now - this.askedAt < (fired ? 1_000 : ASK_EACH_MS)) return;
    this.askedAt = now;
    void this.ask(scene);
  }

  private async ask(scene: Scene): Promise<void> {
    try {
      const answer = await fetch('captures', { cache: 'no-store' });
      if (!answer.ok) return write(this.note, 'this exporter has no flight recorder');
      this.show((await answer.json()) as CapturesAnswer, scene);
    } catch {
      write(this.note, 'the exporter does not answer');
    }
  }

  private show({ captures }: CapturesAnswer, scene: Scene): void {
    write(this.note, captures.length === 0 ? 'none: --capture.when freezes the last 30 s when a rule is met' : '');
    const state = captures.map(({ id, flamegraph }) => `${id} ${flamegraph ? 'drawn' : ''}`).join() + scene.zone;
    if (state === this.shown) return;
    this.shown = state;
    this.list.replaceChildren(...captures.map((capture) => {
      const path = `captures/${encodeURIComponent(String(capture.id))}`;
      const file = link(capture.name ?? String(capture.id), `${path}/trace`);
      file.download = '';
      const profile = capture.flamegraph ? [', ', tabLink('flame graph', `${path}/flamegraph`)] : [];
      const words = [dateTime(capture.unix_ms, scene.zone), capture.rule ?? '', written(capture.bytes, bytes)];
      return make('li', '', file, ...profile, ` ${words.filter(Boolean).join(', ')}`);
    }));
  }
}
