// The garbage collector: when it stopped whom for how long, and how that adds up.
import { histogram, timeline } from '../charts';
import { isGc, pausesOf } from '../data/events';
import { bytes, count, milliseconds, percent, seconds, span, written } from '../data/format';
import { bucketed } from '../data/percentiles';
import type { Scene } from '../data/scene';
import type { GcEvent, Zone } from '../data/seam';
import { judge } from '../data/thresholds';
import { BEFORE_TWO, whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { Facts, make, NumberTable, Tile } from './parts';

const BOUNDS_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

interface Sums {
  cycles: number | null;
  stopped: number | null; // seconds
  longest: number | null; // ms
  reclaimed: number | null;
  over: number | null; // seconds
}

function mean(sums: Sums): number | null {
  return sums.stopped !== null && sums.cycles ? (sums.stopped / sums.cycles) * 1000 : null;
}

export class GcCard implements Card {
  readonly element = make('div', 'gc');
  private zone: Zone = 'local';
  private systems: string[] = [];
  private readonly pause = new Tile('Longest pause');
  private readonly share = new Tile('Time stopped by GC');
  private readonly safepoint = new Tile('Way to the safe point');
  private readonly requests = new Tile('Requests in pauses');
  private readonly timeline = timeline({ zone: () => this.zone, systems: () => this.systems });
  private readonly sums = new NumberTable('Collections', [
    '', 'Collections', 'Stopped', 'Share', 'Longest', 'Mean', 'Reclaimed',
  ]);
  private readonly pauses = histogram({ title: 'Pauses in view', unit: count });
  private readonly ways = histogram({ title: 'Ways to the safe point in view', unit: count });
  private readonly last = new Facts([['last', 'Last collection'], ['reason', 'Why it was'], ['thread', 'Last thread to arrive']]);

  constructor() {
    const tiles = [this.pause, this.share, this.safepoint, this.requests].map((tile) => tile.element);
    this.element.append(
      make('div', 'tiles', ...tiles), this.timeline.element,
      make('div', 'two', make('div', '', this.sums.element, this.last.element),
        make('div', 'two tight', this.pauses.element, this.ways.element)));
  }

  update({ scene, facts }: Frame): void {
    this.zone = scene.zone;
    this.systems = scene.history.systems.shown.map(({ labels }) => labels['system'] ?? '');
    this.timeline.update(scene.events, {
      unixMs: scene.x, used: scene.column('heap_used'), trigger: scene.column('heap_trigger'),
    }, scene.range);
    const pause = facts.longestPauseMs;
    const why = whyMissing(scene.document, 'valk_gc_pause_duration_seconds');
    const quiet = scene.document.process.groups?.some((one) => one.group === 'gc' && one.attached);
    this.pause.set(written(pause, milliseconds), pause !== null ? `the longest of ${count.format(pausesOf(scene.recent).length)} in 60 s`
      : quiet ? 'no pause in the last 60 s' : why, judge('pause', pause));
    this.share.set(written(facts.pauseShare, percent), facts.pauseShare === null ? BEFORE_TWO
      : `${seconds.format(scene.grown('gc_pause_seconds')?.by ?? 0)} of the last 60 s`, judge('pauseShare', facts.pauseShare));
    this.showSafepoints(scene);
    this.showRequests(scene);
    this.showSums(scene);
    this.showLast(scene);
  }

  redraw(): void {
    this.timeline.redraw();
  }

  destroy(): void {
    this.timeline.destroy();
  }

  private showSafepoints(scene: Scene): void {
    const ways = scene.recent.filter(isGc).map((event) => event.safepoint_ms).filter((ms): ms is number => ms !== null);
    const longest = ways.length > 0 ? Math.max(...ways) : null;
    this.safepoint.set(written(longest, milliseconds), longest === null ? 'no collection told of it in the last 60 s'
      : 'the longest in 60 s, until all threads stood');
    const inView = scene.events.filter(isGc).filter((event) => event.unix_ms >= scene.range.fromMs);
    const why = 'no collection in view';
    this.pauses.update(BOUNDS_S, inView.length > 0 ? bucketed(BOUNDS_S, pausesOf(inView).map((ms) => ms / 1000)) : null, why);
    const known = inView.flatMap((event) => (event.safepoint_ms === null ? [] : [event.safepoint_ms / 1000]));
    this.ways.update(BOUNDS_S, known.length > 0 ? bucketed(BOUNDS_S, known) : null,
      inView.length > 0 ? 'not told by this runtime' : why);
  }

  private showRequests(scene: Scene): void {
    const inside = scene.grown('request_gc_pause_seconds');
    let spent: number | null = null;
    for (const { key } of scene.history.servers.shown) {
      const grown = scene.grown('latency_sum_s', key);
      if (grown) spent = (spent ?? 0) + grown.by;
    }
    const share = inside && spent ? inside.by / spent : null;
    this.requests.set(written(share, percent), share === null
      ? 'known where probes of gc and http stand'
      : `${seconds.format(inside?.by ?? 0)} of their ${seconds.format(spent ?? 0)} in 60 s`);
  }

  private showSums(scene: Scene): void {
    const gc = scene.document.vm_metrics?.gc ?? {};
    const started = scene.document.process.start_unix_ms;
    const since: Sums = {
      cycles: gc['cycles_total'] ?? null,
      stopped: gc['pause_us_total'] === null || gc['pause_us_total'] === undefined ? null : gc['pause_us_total'] / 1e6,
      longest: gc['pause_us_max'] === null || gc['pause_us_max'] === undefined ? null : gc['pause_us_max'] / 1e3,
      reclaimed: gc['reclaimed_bytes_total'] ?? null,
      over: started ? (scene.nowMs - started) / 1000 : null,
    };
    this.writeSums('start', 'since its start', since);
    this.writeSums('minute', 'last 60 s', minuteSums(scene));
    const minutes = span(scene.range.toMs - scene.range.fromMs);
    this.writeSums('view', `in view, ${minutes}`, viewSums(scene));
  }

  private writeSums(id: string, name: string, sums: Sums): void {
    const share = sums.stopped !== null && sums.over ? sums.stopped / sums.over : null;
    this.sums.set(id, name, [
      written(sums.cycles, count), written(sums.stopped, seconds), written(share, percent),
      written(sums.longest, milliseconds), written(mean(sums), milliseconds), written(sums.reclaimed, bytes),
    ]);
  }

  private showLast(scene: Scene): void {
    const all = scene.events.filter(isGc);
    const last: GcEvent | undefined = all[all.length - 1];
    const at = last?.unix_ms ?? scene.document.vm_metrics?.gc?.['last_collection_unix_ms'] ?? null;
    this.last.set('last', at ? `${span(scene.nowMs - at)} ago` : '–', at ? '' : 'none yet');
    this.last.set('reason', last?.reason ?? '–', last ? '' : 'told by events, and none is kept');
    this.last.set('thread', last?.last_thread ? `${last.last_thread.name} (${last.last_thread.tid})` : '–',
      last?.last_thread ? '' : 'told where probes of gc stand and threads arrive');
  }
}

function minuteSums(scene: Scene): Sums {
  const cycles = scene.grown('gc_cycles');
  return {
    cycles: cycles?.by ?? null,
    stopped: scene.grown('gc_pause_seconds')?.by ?? null,
    longest: scene.longestPauseMs(),
    reclaimed: scene.grown('gc_reclaimed_bytes')?.by ?? null,
    over: cycles?.seconds ?? null,
  };
}

// Of the chosen range, by its counters; the longest by the events.
function viewSums(scene: Scene): Sums {
  const pauses = pausesOf(scene.events.filter((event) => event.unix_ms >= scene.range.fromMs));
  const cycles = scene.grownInView('gc_cycles');
  return {
    cycles: cycles?.by ?? null,
    stopped: scene.grownInView('gc_pause_seconds')?.by ?? null,
    longest: pauses.length > 0 ? Math.max(...pauses) : null,
    reclaimed: scene.grownInView('gc_reclaimed_bytes')?.by ?? null,
    over: cycles?.seconds ?? null,
  };
}
