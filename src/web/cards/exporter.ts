// Who watches: which probes stand, what they cost, what was lost, what can be taken along.
import { count, dateTime, milliseconds, NONE, percent, seconds, written } from '../data/format';
import type { Scene } from '../data/scene';
import type { ExporterDocument, Zone } from '../data/seam';
import { groupOffReason } from '../data/why';
import { Captures } from './captures';
import type { Card, Frame } from './frame';
import { Facts, link, make, NumberTable } from './parts';

const ROWS = [
  ['version', 'Exporter'], ['watched', 'Watched process'], ['attached', 'Attached since'], ['layout', 'Layout of its memory'],
  ['cost', 'Price of a hit'], ['overhead', "Share of the process's CPU"], ['lost', 'Events lost'], ['missed', 'Events missed'],
  ['dropped', 'Clients closed'], ['log', 'Log lines dropped'], ['collectors', 'Last reading took'],
] as const;

export class ExporterCard implements Card {
  readonly element: HTMLElement;
  private readonly facts = new Facts<(typeof ROWS)[number][0]>(ROWS);
  private readonly groups = new NumberTable('Groups of probes', ['Group', 'State', 'Taken out for cost']);
  private readonly probes = new NumberTable('Probes', ['Probe', 'State', 'Hits', 'Cost so far']);
  private readonly losses = new NumberTable('What was lost, missed or dropped', ['Cause', 'Count']);
  private readonly captures = new Captures();
  private readonly trace = link('Trace of the last 30 s', 'trace?seconds=30');
  private zone: Zone = 'local';

  constructor() {
    this.trace.download = '';
    const take = make('p', 'take', this.trace, ' (for a trace viewer), ', link('profiles', 'pprof/'), ', ', link('metrics', '../metrics'), ', ',
      link('this process as JSON', 'metrics'), ', ', link('licences', 'licences'));
    this.element = make('div', 'stack', take,
      make('div', 'two', make('div', '', this.facts.element, this.captures.element),
        make('div', 'stack', this.groups.element, this.losses.element)),
      this.probes.element);
  }

  update({ scene }: Frame): void {
    this.zone = scene.zone;
    const process = encodeURIComponent(scene.target.process);
    const href = scene.target.process === '' ? 'trace?seconds=30' : `trace?seconds=30&process=${process}`;
    if (this.trace.getAttribute('href') !== href) this.trace.href = href;
    this.showFacts(scene);
    this.showGroups(scene);
    const exporter = scene.document.exporter ?? {};
    this.showProbes(exporter);
    this.showLosses(exporter);
    this.captures.update(scene);
  }

  redraw(): void {}

  destroy(): void {}

  private showFacts(scene: Scene): void {
    const { process, exporter } = scene.document;
    this.facts.set('version', exporter?.version ?? NONE);
    this.facts.set('watched', `pid ${process.pid}`, process.script ?? process.exe ?? '');
    const attached = process.attached_unix_ms;
    this.facts.set('attached', attached ? dateTime(attached, this.zone) : NONE);
    this.facts.set('layout', process.layout ?? NONE, process.layout ? '' : 'not known: probes alone tell of it');
    this.facts.set('cost', exporter?.hit_cost_ns ? seconds.format(exporter.hit_cost_ns / 1e9) : NONE,
      exporter?.hit_cost_ns ? 'measured at its start' : 'not measured');
    this.facts.set('overhead', written(process.overhead_ratio, percent), 'the budget is --overhead.max');
    const sum = (of: readonly { count: number }[] | undefined): number | null =>
      (of ? of.reduce((all, one) => all + one.count, 0) : null);
    this.facts.set('lost', written(sum(exporter?.lost_events), count));
    this.facts.set('missed', written(sum(exporter?.missed_events), count), 'by the audit of counters and probes');
    this.facts.set('dropped', written(sum(exporter?.dropped_connections), count), 'that were too slow or too many');
    this.facts.set('log', written(exporter?.log_lines_dropped, count));
    const runs = process.collectors ?? [];
    this.facts.set('collectors', runs.length === 0 ? NONE : runs.map((run) => milliseconds.format(run.duration_ns / 1e6)).join(', '),
      runs.some((run) => !run.success) ? 'failed' : '');
  }

  private showGroups(scene: Scene): void {
    for (const group of scene.document.process.groups ?? []) {
      this.groups.set(group.group, group.group,
        [group.attached ? '✓ attached' : `– off: ${groupOffReason(group, scene.document)}`, count.format(group.detachments)]);
    }
  }

  private showProbes(exporter: ExporterDocument): void {
    for (const { probe, attached, hits, overhead_ns } of exporter.probes ?? []) {
      this.probes.set(probe, probe, [
        attached ? '✓ attached' : '– not attached', count.format(hits), written(overhead_ns === null ? null : overhead_ns / 1e9, seconds),
      ]);
    }
  }

  // Only what did happen: there are some thirty causes.
  private showLosses(exporter: ExporterDocument): void {
    const all = [
      ...(exporter.lost_events ?? []).map((one) => [`lost: ${one.cause}`, one.count] as const),
      ...(exporter.missed_events ?? []).map((one) => [`missed: ${one.event}`, one.count] as const),
      ...(exporter.dropped_connections ?? []).map((one) => [`client closed: ${one.limit}`, one.count] as const),
    ].filter(([, times]) => times > 0);
    for (const [cause, times] of all) this.losses.set(cause, cause.replace(/_/g, ' '), [count.format(times)]);
    if (all.length === 0) this.losses.set('nothing', 'nothing', ['0']);
    this.losses.keepOnly(new Set(all.length === 0 ? ['nothing'] : all.map(([cause]) => cause)));
  }
}
