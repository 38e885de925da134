// One HTTP server: how much, how well, how fast.
import { histogram, lineChart, sparkline, stackedBar } from '../charts';
import { allRequestsOf, requestsOf, shareOf } from '../data/facts';
import { bytesPerSecond, count, perSecond, written } from '../data/format';
import { percentile } from '../data/percentiles';
import type { Member } from '../data/samples';
import type { Scene } from '../data/scene';
import { judge, LEAST_REQUESTS, worst } from '../data/thresholds';
import { percentileText } from '../data/verdict';
import { BEFORE_TWO, whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { Badge, Facts, make, write } from './parts';
import { STATUS_TONES, statusLines } from './status_lines';

const ROWS = [
  ['totals', 'Since its start'], ['percentiles', 'P50, P95, P99, 60 s'], ['active', 'Open connections'],
  ['overload', 'Refused for overload'], ['in', 'Received, 60 s'], ['out', 'Sent, 60 s'],
] as const;

export class ServerCard implements Card {
  readonly element: HTMLElement;
  private readonly badge = new Badge();
  private readonly rate = make('span', 'card-says');
  private readonly facts = new Facts<(typeof ROWS)[number][0]>(ROWS);
  private readonly split = stackedBar({ title: 'Answers of the last 60 s' });
  private readonly latency = histogram({ title: 'Latency, 60 s', unit: count });
  private readonly incoming = sparkline({ title: 'Received a second' });
  private readonly outgoing = sparkline({ title: 'Sent a second' });
  private readonly chart = lineChart({ title: 'Requests by status', unit: perSecond });

  constructor(private readonly member: Member) {
    const { server = '', port = '', protocol = '' } = member.labels;
    const address = server.includes(':') ? `[${server}]:${port}` : port ? `${server}:${port}` : server;
    const head = make('h3', 'card-head', this.badge.element, make('span', 'card-name', address),
      make('span', 'card-kind', protocol), this.rate);
    this.element = make('article', 'card', head, this.split.element, this.facts.element,
      make('div', 'two even', this.incoming.element, this.outgoing.element), this.latency.element, this.chart.element);
  }

  update({ scene, marks }: Frame): void {
    const { key } = this.member;
    const all = allRequestsOf(scene, [key]);
    write(this.rate, all === null ? BEFORE_TWO : `${perSecond.format(all / Math.max(1, scene.minuteSeconds))} in the last 60 s`);
    this.showAnswers(scene);
    this.showLatency(scene, all);
    this.showTraffic(scene);
    this.chart.update(scene.x, statusLines(scene, [key]), marks, scene.range);
  }

  redraw(): void {
    this.chart.redraw();
  }

  destroy(): void {
    this.chart.destroy();
  }

  private showAnswers(scene: Scene): void {
    const { key } = this.member;
    const statuses = ['2xx', '3xx', '4xx', '5xx'] as const;
    this.split.update(STATUS_TONES.map(([status, tone], i) => ({
      label: status, value: requestsOf(scene, [key], statuses[i] ?? 'other'), tone,
    })));
    this.facts.set('totals', statuses.map((status) => `${written(scene.last(`requests_${status}`, key), count)} ${status}`).join(', '));
  }

  private showLatency(scene: Scene, all: number | null): void {
    const latency = scene.latency(this.member.key);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => (latency ? percentile(latency.bounds, latency.counts, share) : null));
    this.facts.set('percentiles', [p50, p95, p99].map((one) => percentileText(one ?? null)).join(', '),
      p99 ? '' : latency ? 'no request in the last 60 s' : this.whyNoLatency(scene));
    this.latency.update(latency?.bounds ?? [], latency && p99 ? latency.counts : null,
      latency ? 'no request in the last 60 s' : this.whyNoLatency(scene));
    const enough = all !== null && all >= LEAST_REQUESTS;
    const errors = shareOf(scene, [this.member.key], '5xx');
    this.badge.set(enough && errors
      ? worst([judge('errors', errors.part / errors.of), judge('p99', p99 ? p99.seconds : null)]) : 'unknown');
  }

  private whyNoLatency(scene: Scene): string {
    return scene.samples < 2 ? BEFORE_TWO : whyMissing(scene.document, 'http_request_duration_seconds');
  }

  private showTraffic(scene: Scene): void {
    const { key } = this.member;
    for (const [id, column, family, line] of [
      ['in', 'bytes_received', 'http_bytes_recv_total', this.incoming], ['out', 'bytes_sent', 'http_bytes_sent_total', this.outgoing],
    ] as const) {
      const rate = scene.meanRate(column, key);
      const unknown = scene.last(column, key) === null;
      this.facts.set(id, written(rate, bytesPerSecond), rate !== null ? '' : unknown ? whyMissing(scene.document, family) : BEFORE_TWO);
      line.update(scene.rate(column, key));
    }
    const active = scene.last('connections_active', key);
    this.facts.set('active', written(active, count), active === null ? whyMissing(scene.document, 'http_connections_active') : '');
    const overload = scene.last('overload_responses', key);
    const lately = scene.grown('overload_responses', key);
    this.facts.set('overload', written(overload, count), overload === null ? whyMissing(scene.document, 'http_overload_responses_total')
      : `since its start; ${written(lately?.by ?? null, count)} in 60 s`);
  }
}
