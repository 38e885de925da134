// How it goes as a whole: requests, failures, latency, heap.
import { lineChart, sparkline } from '../charts';
import type { Facts as FactsOf } from '../data/facts';
import { allRequestsOf, CLASSES, shareOf } from '../data/facts';
import { bytes, count, NONE, percent, perSecond, seconds, written } from '../data/format';
import { percentile } from '../data/percentiles';
import { sumOf } from '../data/rates';
import type { Scene } from '../data/scene';
import { judge, LEAST_REQUESTS } from '../data/thresholds';
import { percentileText } from '../data/verdict';
import { BEFORE_TWO, whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { make, Tile } from './parts';
import { ProfileLine } from './profile';
import { statusLines } from './status_lines';

export class HealthCard implements Card {
  readonly element = make('div', 'health');
  private readonly rateLine = sparkline({ title: 'Requests a second' });
  private readonly errorLine = sparkline({ title: 'Share of requests answered 5xx' });
  private readonly latencyLine = sparkline({ title: 'P99 of a request' });
  private readonly liveLine = sparkline({ title: 'Live set of the heap' });
  private readonly rate = new Tile('Requests', this.rateLine.element);
  private readonly errors = new Tile('Answered 5xx', this.errorLine.element);
  private readonly latency = new Tile('P99 of a request', this.latencyLine.element);
  private readonly live = new Tile('Live heap', this.liveLine.element);
  private readonly connections = new Tile('Open connections');
  private readonly cpu = new Tile('CPU of the process');
  private readonly profile = new ProfileLine();
  private readonly requests = lineChart({ title: 'Requests by status', unit: perSecond });
  private readonly percentiles = lineChart({ title: 'Latency of all servers, over 10 s each', unit: seconds });

  constructor() {
    const tiles = make('div', 'tiles', ...[
      this.rate, this.errors, this.latency, this.live, this.connections, this.cpu,
    ].map((tile) => tile.element));
    const charts = make('div', 'two', this.requests.element, this.percentiles.element);
    this.element.append(tiles, this.profile.element, charts);
  }

  update({ scene, facts, marks }: Frame): void {
    const servers = scene.history.servers.shown.map(({ key }) => key);
    this.showRequests(scene, servers, facts);
    const [p50, p95, p99] = scene.percentiles(servers, [0.5, 0.95, 0.99]);
    this.showLatency(scene, servers, facts);
    this.latencyLine.update(p99 ?? []);
    this.showProcess(scene, facts);
    this.profile.update(scene);
    this.requests.update(scene.x, statusLines(scene, servers), marks, scene.range);
    this.percentiles.update(scene.x, [
      { label: 'P50', values: p50 ?? [], tone: 'tone-a' },
      { label: 'P95', values: p95 ?? [], tone: 'tone-c', dash: [6, 3] },
      { label: 'P99', values: p99 ?? [], tone: 'tone-d', dash: [2, 2] },
    ], marks, scene.range);
  }

  redraw(): void {
    this.requests.redraw();
    this.percentiles.redraw();
  }

  destroy(): void {
    this.requests.destroy();
    this.percentiles.destroy();
  }

  private showRequests(scene: Scene, servers: readonly string[], facts: FactsOf): void {
    const all = allRequestsOf(scene, servers);
    const rates = sumOf(servers.flatMap((key) => CLASSES.map((status) => scene.rate(`requests_${status}`, key))));
    const now = rates.reduce<number | null>((_, value) => value, null);
    const rate = all === null ? null : all / Math.min(60, Math.max(1, scene.minuteSeconds));
    this.rate.set(written(rate, perSecond), rate === null ? this.whyNoRequests(scene)
      : `mean of the last 60 s; ${written(now, perSecond)} in the last one`);
    this.rateLine.update(rates);
    this.showErrors(scene, servers, facts);
  }

  private showErrors(scene: Scene, servers: readonly string[], { errors }: FactsOf): void {
    const clientErrors = shareOf(scene, servers, '4xx');
    const share = errors && errors.of > 0 ? errors.part / errors.of : null;
    const enough = errors !== null && errors.of >= LEAST_REQUESTS;
    const other = clientErrors && clientErrors.of > 0 ? `4xx ${percent.format(clientErrors.part / clientErrors.of)}` : '4xx –';
    this.errors.set(written(share, percent), share === null ? this.whyNoRequests(scene)
      : `${count.format(errors?.part ?? 0)} in 60 s; ${other}`, enough ? judge('errors', share) : 'unknown');
    const failed = sumOf(servers.map((key) => scene.rate('requests_5xx', key)));
    this.errorLine.update(failed);
  }

  private showLatency(scene: Scene, servers: readonly string[], facts: FactsOf): void {
    const latency = scene.mergedLatency(servers);
    const [p50, p95] = [0.5, 0.95].map((share) => (latency ? percentile(latency.bounds, latency.counts, share) : null));
    const enough = (facts.errors?.of ?? 0) >= LEAST_REQUESTS;
    this.latency.set(percentileText(facts.p99), facts.p99 === null ? this.whyNoRequests(scene)
      : `P50 ${percentileText(p50 ?? null)}, P95 ${percentileText(p95 ?? null)} in 60 s`,
    enough && facts.p99 ? judge('p99', facts.p99.seconds) : 'unknown');
  }

  private showProcess(scene: Scene, { live }: FactsOf): void {
    const share = live ? live.part / live.of : null;
    this.live.set(written(scene.last('heap_live'), bytes), live
      ? `${percent.format(live.part / live.of)} of ${bytes.format(live.of)}; used ${written(scene.last('heap_used'), bytes)}`
      : whyMissing(scene.document, 'valk_gc_heap_live_bytes'), judge('live', share));
    this.liveLine.update(scene.column('heap_live'));
    const keys = scene.history.systems.shown.map(({ key }) => key);
    const active = sumOf(keys.map((key) => [scene.last('connections_active', key)]))[0] ?? null;
    const idle = sumOf(keys.map((key) => [scene.last('connections_idle', key)]))[0] ?? null;
    const open = active === null && idle === null ? null : (active ?? 0) + (idle ?? 0);
    this.connections.set(written(open, count), open === null ? whyMissing(scene.document, 'valk_aio_connections_active')
      : `${written(active, count)} active, ${written(idle, count)} idle`);
    const cpu = scene.meanRate('cpu_seconds');
    this.cpu.set(written(cpu, percent), cpu === null ? BEFORE_TWO
      : `of one core; ${written(scene.last('rss'), bytes)} resident, ${threadsText(scene.document.process.threads)}`);
  }

  private whyNoRequests(scene: Scene): string {
    if (scene.history.servers.shown.length === 0) return 'it has no HTTP server';
    return scene.samples < 2 ? BEFORE_TWO : 'no request in the last 60 s';
  }
}

function threadsText(threads: number | null | undefined): string {
  return threads === 1 ? '1 thread' : `${threads ?? NONE} threads`;
}
