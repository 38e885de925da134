// One client of the process: what it asks of others.
import { histogram, lineChart } from '../charts';
import { count, percent, perSecond, written } from '../data/format';
import { percentile } from '../data/percentiles';
import type { Member } from '../data/samples';
import type { Scene } from '../data/scene';
import { judge, LEAST_REQUESTS } from '../data/thresholds';
import { percentileText } from '../data/verdict';
import { BEFORE_TWO, whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { Badge, Facts, make, write } from './parts';

const ROWS = [
  ['operations', 'Operations'], ['errors', 'Failed'], ['retries', 'Tried again'], ['connections', 'Connections'],
  ['cache', 'Answered by its cache, 60 s'], ['percentiles', 'P50, P95, P99, 60 s'], ['peak', 'Most a second, in view'],
] as const;

export class ClientCard implements Card {
  readonly element: HTMLElement;
  private readonly badge = new Badge();
  private readonly rate = make('span', 'card-says');
  private readonly facts = new Facts<(typeof ROWS)[number][0]>(ROWS);
  private readonly latency = histogram({ title: 'Latency, 60 s', unit: count });
  private readonly chart = lineChart({ title: 'Operations', unit: perSecond });

  constructor(private readonly member: Member) {
    const head = make('h3', 'card-head', this.badge.element, make('span', 'card-name', member.labels['client'] ?? ''),
      make('span', 'card-kind', member.labels['type'] ?? ''), this.rate);
    this.element = make('article', 'card', head, this.facts.element, this.latency.element, this.chart.element);
  }

  update({ scene, marks }: Frame): void {
    const { key } = this.member;
    const rate = scene.meanRate('operations', key);
    write(this.rate, rate === null ? BEFORE_TWO : `${perSecond.format(rate)} in the last 60 s`);
    this.showCounts(scene);
    this.showLatency(scene);
    const operations = scene.rate('operations', key);
    const known = operations.filter((value): value is number => value !== null);
    this.facts.set('peak', known.length > 0 ? perSecond.format(Math.max(...known)) : '–', known.length > 0 ? '' : BEFORE_TWO);
    this.chart.update(scene.x, [
      { label: 'operations', values: operations, tone: 'tone-a' },
      { label: 'failed', values: scene.rate('errors', key), tone: 'crit', dash: [2, 2] },
    ], marks, scene.range);
  }

  redraw(): void {
    this.chart.redraw();
  }

  destroy(): void {
    this.chart.destroy();
  }

  private showCounts(scene: Scene): void {
    const { key } = this.member;
    for (const [id, family] of [['operations', 'http_client_operations_total'], ['errors', 'http_client_errors_total'],
      ['retries', 'http_client_retries_total']] as const) {
      const total = scene.last(id, key);
      const lately = scene.grown(id, key);
      this.facts.set(id, written(total, count), total === null ? whyMissing(scene.document, family)
        : `in all; ${written(lately?.by ?? null, count)} in 60 s`);
    }
    const open = scene.last('connections_active', key), size = scene.last('pool_size', key);
    this.facts.set('connections', size === null ? written(open, count) : `${written(open, count)} of ${count.format(size)}`,
      open === null ? whyMissing(scene.document, 'http_client_connections_active') : '');
    const hits = scene.grown('cache_hits', key), misses = scene.grown('cache_misses', key);
    const looked = (hits?.by ?? 0) + (misses?.by ?? 0);
    this.facts.set('cache', looked > 0 ? percent.format((hits?.by ?? 0) / looked) : '–',
      looked > 0 ? `${count.format(hits?.by ?? 0)} of ${count.format(looked)} look-ups` : 'no look-up in the last 60 s');
    const operations = scene.grown('operations', key), errors = scene.grown('errors', key);
    this.badge.set(operations && errors && operations.by >= LEAST_REQUESTS ? judge('errors', errors.by / operations.by) : 'unknown');
  }

  private showLatency(scene: Scene): void {
    const latency = scene.latency(this.member.key);
    const found = [0.5, 0.95, 0.99].map((share) => (latency ? percentile(latency.bounds, latency.counts, share) : null));
    const why = latency ? 'no operation in the last 60 s' : whyMissing(scene.document, 'http_client_request_duration_seconds');
    this.facts.set('percentiles', found.map(percentileText).join(', '), found[0] ? '' : why);
    this.latency.update(latency?.bounds ?? [], latency && found[0] ? latency.counts : null, why);
  }
}
