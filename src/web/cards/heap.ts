// The heap: how full it is, when it will be collected, and whether what survives grows.
import { gauge, lineChart } from '../charts';
import { bytes, bytesPerSecond, percent, span, written } from '../data/format';
import type { Scene } from '../data/scene';
import { judge } from '../data/thresholds';
import { BEFORE_TWO, whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { Facts, make } from './parts';

const ROWS = [
  ['used', 'Used now'], ['live', 'Live, after the last collection'], ['trigger', 'Collects at'],
  ['total', 'Total'], ['peak', 'Largest use'], ['trend', 'Trend of the live set'], ['allocated', 'Allocated, 60 s'],
] as const;

const FAMILIES = {
  used: 'valk_gc_heap_used_bytes', live: 'valk_gc_heap_live_bytes', trigger: 'valk_gc_trigger_bytes',
  total: 'valk_gc_heap_total_bytes', peak: 'valk_gc_heap_peak_bytes',
} as const;

export class HeapCard implements Card {
  readonly element: HTMLElement;
  private readonly gauge = gauge({ title: 'Heap in use' });
  private readonly facts = new Facts<(typeof ROWS)[number][0]>(ROWS);
  private readonly chart = lineChart({ title: 'Heap', unit: bytes, describe: 'used, live, and where it collects' });

  constructor() {
    this.element = make('div', 'two', make('div', '', this.gauge.element, this.facts.element), this.chart.element);
  }

  update({ scene, marks }: Frame): void {
    for (const [id, family] of Object.entries(FAMILIES) as [keyof typeof FAMILIES, string][]) {
      const value = scene.last(`heap_${id}`);
      this.facts.set(id, written(value, bytes), value === null ? whyMissing(scene.document, family) : this.beside(scene, id, value));
    }
    this.showGauge(scene);
    this.showTrend(scene);
    this.showAllocation(scene);
    this.chart.update(scene.x, [
      { label: 'used', values: scene.column('heap_used'), tone: 'tone-a' },
      { label: 'live', values: scene.column('heap_live'), tone: 'tone-c', dash: [6, 3] },
      { label: 'trigger', values: scene.column('heap_trigger'), tone: 'tone-d', dash: [2, 3] },
      { label: 'total', values: scene.column('heap_total'), tone: 'quiet', dash: [10, 4] },
    ], marks, scene.range);
  }

  redraw(): void {
    this.chart.redraw();
  }

  destroy(): void {
    this.chart.destroy();
  }

  private beside(scene: Scene, id: keyof typeof FAMILIES, value: number): string {
    const total = scene.last('heap_total');
    return id === 'total' || !total ? '' : `${percent.format(value / total)} of the total`;
  }

  private showGauge(scene: Scene): void {
    const used = scene.last('heap_used'), total = scene.last('heap_total'), live = scene.last('heap_live');
    const marks = ([['live', live], ['trigger', scene.last('heap_trigger')], ['peak', scene.last('heap_peak')]] as const)
      .flatMap(([label, at]) => (at === null || total === null || at > total ? [] : [{ at, label }]));
    this.gauge.update(used, total, `${written(used, bytes)} of ${written(total, bytes)}`, marks,
      judge('live', live !== null && total ? live / total : null));
  }

  // Of the last five minutes, or what there is of them.
  private showTrend(scene: Scene): void {
    const trend = scene.trend('heap_live', 300);
    if (trend === null) return this.facts.set('trend', '–', 'needs a few samples');
    const still = Math.abs(trend.perSecond) * 300 < 0.005 * (scene.last('heap_total') ?? 0);
    const sign = trend.perSecond < 0 ? '−' : '+';
    this.facts.set('trend', still ? 'steady' : `${sign}${bytesPerSecond.format(Math.abs(trend.perSecond))}`,
      `over ${span(trend.seconds * 1000)}`);
  }

  private showAllocation(scene: Scene): void {
    const rate = scene.allocatedPerSecond();
    this.facts.set('allocated', written(rate, bytesPerSecond), rate === null ? BEFORE_TWO : 'growth of use and what was reclaimed');
  }
}
