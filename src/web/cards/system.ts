// One AIO system: how busy its loop is, what its connections do, how full its pools are.
import { gauge, histogram, lineChart, stackedBar } from '../charts';
import { isStall } from '../data/events';
import { blockedSeconds, busyShare, poolsOf } from '../data/facts';
import { count, milliseconds, NONE, percent, seconds, span, written } from '../data/format';
import type { Member } from '../data/samples';
import type { Scene } from '../data/scene';
import type { RegisteredHistogram, SystemDocument } from '../data/seam';
import { judge, threshold, worst } from '../data/thresholds';
import { BEFORE_TWO, whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { Badge, Facts, make, write } from './parts';

const ROWS = [
  ['busy', 'Loop busy, 60 s'], ['turns', 'Turns a second, 60 s'], ['stalls', 'Long turns, 60 s'],
  ['longest', 'Longest turn, 60 s'], ['queue', 'Queued work'], ['pending', 'Requests, responses waiting'],
  ['overflow', 'Allocated past a full pool'], ['shed', 'Connections shed'], ['handles', 'Handles'], ['uptime', 'Runs for'],
] as const;

const STATES = [
  ['active', 'tone-a'], ['idle', 'tone-c'], ['connecting', 'tone-b'], ['closing', 'tone-d'],
] as const;

const STALLS = 'valk_loop_stall_duration_seconds';
const MOST_POOLS = 3;

export class SystemCard implements Card {
  readonly element: HTMLElement;
  private readonly badge = new Badge();
  private readonly says = make('span', 'card-says');
  private readonly facts = new Facts<(typeof ROWS)[number][0]>(ROWS);
  private readonly states = stackedBar({ title: 'Connections by state' });
  private readonly pools = ['Stream arenas', 'TCP buffers', 'Pool of connections'].map((title) => gauge({ title }));
  private readonly stalls = histogram({ title: 'Long turns since the exporter attached', unit: count });
  private readonly chart = lineChart({ title: 'Loop busy', unit: percent });
  private readonly name: string;

  constructor(private readonly member: Member) {
    this.name = member.labels['system'] ?? '';
    const head = make('h3', 'card-head', this.badge.element, make('span', 'card-name', this.name || 'AIO'), this.says);
    this.element = make('article', 'card wide', head,
      make('div', 'two', make('div', 'stack', this.facts.element, this.states.element, ...this.pools.map((pool) => pool.element)),
        make('div', 'stack', this.chart.element, this.stalls.element)));
  }

  update({ scene, marks }: Frame): void {
    const document = scene.document.aio_systems?.find((one) => one.name === this.name);
    const busy = busyShare(scene, this.member.key);
    const blocked = blockedSeconds(scene, this.member.key);
    this.badge.set(worst([judge('busy', busy), judge('blocked', blocked), judge('stall', this.longestStall(scene))]));
    write(this.says, blocked >= threshold('blocked').warn
      ? `has not turned for ${seconds.format(Math.round(blocked))}` : `busy for ${written(busy, percent)} of the time`);
    this.showLoop(scene, busy);
    this.showWork(scene, document);
    this.states.update(STATES.map(([state, tone]) => ({
      label: state, value: scene.last(`connections_${state}`, this.member.key), tone,
    })));
    this.showPools(scene);
    this.showStalls(scene);
    this.chart.update(scene.x, [{ label: 'busy', values: this.busyColumn(scene), tone: 'tone-a' }], marks, scene.range);
  }

  redraw(): void {
    this.chart.redraw();
  }

  destroy(): void {
    this.chart.destroy();
  }

  private busyColumn(scene: Scene): (number | null)[] {
    return scene.rate('loop_idle_seconds', this.member.key)
      .map((idle) => (idle === null ? null : Math.min(1, Math.max(0, 1 - idle))));
  }

  private longestStall(scene: Scene): number | null {
    const all = scene.recent.filter(isStall).filter((event) => event.system === this.name).map((event) => event.busy_ms);
    return all.length > 0 ? Math.max(...all) : null;
  }

  private showLoop(scene: Scene, busy: number | null): void {
    const { document } = scene;
    const { key } = this.member;
    const idleUnknown = scene.last('loop_idle_seconds', key) === null;
    this.facts.set('busy', written(busy, percent), busy !== null ? ''
      : idleUnknown ? whyMissing(document, 'valk_loop_idle_seconds_total') : BEFORE_TWO);
    const turns = scene.meanRate('loop_iterations', key);
    this.facts.set('turns', written(turns, count), turns === null ? whyMissing(document, 'valk_loop_iterations_total') : '');
    const stalls = scene.grown('stalls', key);
    this.facts.set('stalls', written(stalls?.by ?? null, count), stalls ? 'of a millisecond or more' : whyMissing(document, STALLS));
    const longest = this.longestStall(scene);
    this.facts.set('longest', written(longest, milliseconds), longest === null ? 'no event of one in the last 60 s' : '');
  }

  private showWork(scene: Scene, document: SystemDocument | undefined): void {
    const inner = document?.system ?? {};
    const value = (name: string): string => written(inner[name], count);
    this.facts.set('queue', value('queue_depth'), scene.document.process.differences?.['valk_aio_queue_depth'] ?? '');
    this.facts.set('pending', `${value('pending_requests')} and ${value('pending_responses')}`);
    const overflow = [inner['arena_pool_overflow'], inner['tcp_buffer_overflow']];
    this.facts.set('overflow', overflow.every((one) => one === null || one === undefined) ? NONE
      : overflow.map((one) => written(one, count)).join(' and '), 'arenas and buffers, since its start');
    const shed = document?.connections?.['rejected_load'];
    this.facts.set('shed', written(shed, count), 'since its start');
    this.facts.set('handles', value('handles'));
    const uptime = document?.uptime_seconds;
    this.facts.set('uptime', typeof uptime === 'number' ? span(uptime * 1000) : NONE);
  }

  private showPools(scene: Scene): void {
    const uses = poolsOf(scene, this.name).slice(0, MOST_POOLS);
    const order = ['stream arenas', 'TCP buffers', 'connections'];
    this.pools.forEach((pool, i) => {
      const use = uses.find((one) => one.pool === order[i]);
      pool.element.hidden = !use;
      if (use) pool.update(use.used, use.total, `${count.format(use.used)} of ${count.format(use.total)}`, [], judge('pool', use.used / use.total));
    });
  }

  private showStalls(scene: Scene): void {
    const found: RegisteredHistogram | undefined = scene.document.modular_metrics?.histograms?.find(
      (one) => one.name === STALLS && (one.labels['system'] ?? this.name) === this.name);
    const bounds = (found?.buckets ?? []).flatMap(({ le }) => (le === '+Inf' ? [] : [le]));
    this.stalls.update(bounds, found ? found.buckets.map((bucket) => bucket.count) : null, whyMissing(scene.document, STALLS));
  }
}
