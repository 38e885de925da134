// The page as a whole: what came, what of it is shown, and when it is drawn.
import { setZone } from './charts/zone';
import { CardList } from './cards/card_list';
import { ClientCard } from './cards/client';
import { ExporterCard } from './cards/exporter';
import type { Frame } from './cards/frame';
import { GcCard } from './cards/gc';
import { Header, RANGES_MIN } from './cards/header';
import type { Deeds, Theme } from './cards/header';
import { HealthCard } from './cards/health';
import { HeapCard } from './cards/heap';
import { InterpreterCard } from './cards/interpreter';
import { LimitsCard } from './cards/limits';
import { remember, remembered } from './cards/memory';
import { make } from './cards/parts';
import { Section } from './cards/section';
import { ServerCard } from './cards/server';
import { SystemCard } from './cards/system';
import { whyNothing } from './cards/nothing';
import type { Connection, ConnectionState, Receiver } from './data/connection';
import { EventLog, KEPT_MS } from './data/events';
import { factsOf } from './data/facts';
import { History } from './data/history';
import { marksOf } from './data/marks';
import { Scene } from './data/scene';
import type { GcEventsAnswer, Hello, HistoryAnswer, Reset, Snapshot, TargetDocument, TimelineEvent, Zone } from './data/seam';
import { Targets } from './data/targets';
import { findings, wellOf } from './data/verdict';
import type { Finding } from './data/verdict';
import { whyMissing } from './data/why';

const NARROW_PX = 600;
const FILL_AGAIN_MS = 15_000;

export interface Asking {
  history(process: string): Promise<HistoryAnswer>;
  events(): Promise<GcEventsAnswer>;
}

export class Page implements Receiver, Deeds {
  private readonly targets = new Targets(new URLSearchParams(location.search).get('process'));
  private readonly history = new History();
  private readonly log = new EventLog();
  private readonly header = new Header(this);
  private readonly sections: Section[];
  private readonly nothing = make('p', 'nothing');
  private connection: Connection | null = null;
  private state: ConnectionState = { is: 'connecting' };
  private found: Finding[] = [];
  private shownProcess: string | null = null;
  private sampleMs: number | null = null;
  private pausedMs: number | null = null;
  private minutes = RANGES_MIN.includes(Number(remembered('minutes'))) ? Number(remembered('minutes'))
    : window.innerWidth < NARROW_PX ? 1 : 5;
  private zone: Zone = remembered('zone') === 'utc' ? 'utc' : 'local';
  private theme: Theme = (['light', 'dark'] as const).find((theme) => theme === remembered('theme')) ?? 'auto';
  private greeted = false;
  private drawing = false;
  private filling = false;
  private filledMs = -Infinity;

  constructor(root: HTMLElement, private readonly asking: Asking) {
    this.sections = makeSections();
    const main = make('main', 'page', this.nothing, ...this.sections.map((section) => section.element));
    main.id = 'main';
    root.replaceChildren(this.header.element, main);
    this.nothing.hidden = true;
    setZone(this.zone);
    this.applyTheme();
    this.showHeader();
  }

  // First all that was before, so that the page is full at once, then what comes.
  async start(connection: Connection): Promise<void> {
    this.connection = connection;
    await Promise.allSettled([this.loadEvents(connection), this.loadHistory(this.targets.chosen()?.process ?? wantedProcess())]);
    connection.start();
  }

  // A few times a second: what changes without data.
  tick(): void {
    this.connection?.tick();
    this.showHeader();
  }

  onHello(hello: Hello): void {
    this.greeted = true;
    this.targets.greet(hello);
    this.scheduleDraw();
  }

  onReset(_reset: Reset): void {
    this.log.clear();
  }

  onSnapshot(snapshot: Snapshot): void {
    this.greeted = true;
    this.targets.update(snapshot.targets, snapshot.unix_ms);
    this.sampleMs = snapshot.unix_ms;
    const chosen = this.targets.chosen();
    if (chosen && chosen.process !== this.shownProcess) this.show(chosen.process);
    const mine = snapshot.targets.find((document) => document.process.name === this.shownProcess);
    if (mine) this.take(mine, snapshot.unix_ms);
    this.log.forgetBefore(snapshot.unix_ms - KEPT_MS);
    if (this.pausedMs === null) this.scheduleDraw();
  }

  onEvent(event: TimelineEvent): void {
    if (this.log.add(event)) this.targets.note(event);
  }

  onPolled(_answer: GcEventsAnswer): void {}

  onState(state: ConnectionState): void {
    this.state = state;
    document.documentElement.dataset['connection'] = state.is;
    this.showHeader();
  }

  choose(process: string): void {
    this.targets.choose(process);
    const url = new URL(location.href);
    url.searchParams.set('process', process);
    window.history.replaceState(null, '', url);
    this.pausedMs = null;
    this.show(process);
  }

  setMinutes(minutes: number): void {
    this.minutes = minutes;
    remember('minutes', String(minutes));
    this.scheduleDraw();
  }

  togglePause(): void {
    this.pausedMs = this.pausedMs === null ? this.history.tracks.latestMs : null;
    this.scheduleDraw();
  }

  toggleZone(): void {
    this.zone = this.zone === 'utc' ? 'local' : 'utc';
    remember('zone', this.zone);
    setZone(this.zone);
    this.redraw();
  }

  nextTheme(): void {
    const order: Theme[] = ['auto', 'light', 'dark'];
    this.theme = order[(order.indexOf(this.theme) + 1) % order.length] ?? 'auto';
    remember('theme', this.theme);
    this.applyTheme();
  }

  retry(): void {
    this.connection?.retryNow();
  }

  openSection(id: string): void {
    this.sections.find((section) => section.element.id === id)?.open();
  }

  // The next part of the page after the one that is read.
  step(by: 1 | -1): void {
    const top = this.header.bottomPx() + 8;
    const tops = this.sections.map((section) => section.element.getBoundingClientRect().top);
    const at = tops.findIndex((y) => y > top + 1);
    const current = at < 0 ? tops.length - 1 : at - 1;
    this.sections[Math.max(0, Math.min(tops.length - 1, current + by))]?.focus();
  }

  redraw(): void {
    this.draw();
    for (const section of this.sections) section.redraw();
  }

  private show(process: string): void {
    this.shownProcess = process;
    this.history.clear();
    this.filledMs = -Infinity;
  }

  private async loadHistory(process: string): Promise<void> {
    this.shownProcess = process;
    const answer = await this.asking.history(process);
    if (this.shownProcess !== process) return; // another was chosen meanwhile
    if (process === '') this.shownProcess = answer.process; // no name asks for the first
    this.history.append(answer);
  }

  // After a hole the exporter's own history fills it, where it has it; meanwhile nothing is added,
  // since that would come before what is missing.
  private take(document: TargetDocument, unixMs: number): void {
    if (this.filling) return;
    if (!this.history.lacksBefore(unixMs) || unixMs - this.filledMs < FILL_AGAIN_MS) return this.history.take(document, unixMs);
    this.filling = true;
    this.filledMs = unixMs;
    void this.loadHistory(document.process.name).catch(() => undefined).finally(() => {
      this.filling = false;
    });
  }

  private async loadEvents(connection: Connection): Promise<void> {
    const answer = await this.asking.events();
    for (const event of answer.events) this.onEvent(event);
    connection.resumeAfter(answer.epoch, answer.next - 1);
  }

  private scheduleDraw(): void {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.draw();
    });
  }

  private draw(): void {
    const frame = this.frame();
    this.found = !frame ? [] : frame.findings.length > 0 ? frame.findings : [wellOf(frame.facts)];
    this.showNothing();
    if (frame) this.update(frame);
    this.showHeader();
  }

  private update(frame: Frame): void {
    const { systems, servers, clients } = frame.scene.history;
    for (const section of this.sections) {
      const members = { systems, servers, clients }[section.element.id];
      if (members) section.setCount(String(members.shown.length + members.leftOut));
      section.update(frame);
    }
  }

  private frame(): Frame | null {
    const target = this.targets.chosen();
    const latest = this.history.tracks.latestMs;
    if (!target?.document || latest === null) return null;
    const toMs = this.pausedMs ?? latest;
    const range = { fromMs: toMs - this.minutes * 60_000, toMs };
    const scene = new Scene(target, target.document, this.history, this.log, range, this.zone, this.state);
    const facts = factsOf(scene);
    return { scene, facts, findings: findings(facts), marks: marksOf(scene.events, range) };
  }

  private showNothing(): void {
    const none = this.greeted && this.targets.list().length === 0;
    this.nothing.hidden = !none;
    if (!none) return;
    this.nothing.replaceChildren(...whyNothing());
    this.found = [{ severity: 'warn', text: 'No process is watched', reason: 'none that is looked for runs now', section: 'main' }];
  }

  private showHeader(): void {
    const target = this.targets.chosen();
    document.documentElement.toggleAttribute('data-ended', target !== null && !target.up);
    this.header.update({
      connection: this.state, nowMs: Date.now(), sampleMs: this.sampleMs, target, targets: this.targets.list(),
      findings: this.found, zone: this.zone, minutes: this.minutes, pausedMs: this.pausedMs, theme: this.theme,
    });
  }

  private applyTheme(): void {
    document.documentElement.dataset['theme'] = this.theme;
    this.redraw();
  }
}

function wantedProcess(): string {
  return new URLSearchParams(location.search).get('process') ?? '';
}

function makeSections(): Section[] {
  const systems = new CardList(({ scene }) => scene.history.systems, (member) => new SystemCard(member),
    ({ scene }) => `No AIO system: ${whyMissing(scene.document, 'valk_loop_iterations_total')}, or it has started none.`);
  const servers = new CardList(({ scene }) => scene.history.servers, (member) => new ServerCard(member),
    () => 'No HTTP server: the process has started none, or none has been asked anything yet.');
  const clients = new CardList(({ scene }) => scene.history.clients, (member) => new ClientCard(member),
    () => 'No client: the process has none, or its runtime tells of none.');
  return [
    new Section('health', 'Health', 'The process as a whole, over the last 60 s.', new HealthCard()),
    new Section('gc', 'Garbage collector', 'Each collection at its time: how long all threads stood, and how long they took to get there.', new GcCard()),
    new Section('heap', 'Heap', 'The live set is what survives a collection: if that grows, memory is kept, not only used.', new HeapCard()),
    new Section('interpreter', 'Interpreter', 'What the interpreter evaluates.', new InterpreterCard()),
    new Section('systems', 'AIO systems', 'One loop each: a turn that takes long lets everything else of it wait.', systems),
    new Section('servers', 'HTTP servers', 'What was answered, how fast, by differences over the last 60 s.', servers),
    new Section('clients', 'Clients', 'What the process asks of others.', clients),
    new Section('exporter', 'Exporter', 'Who watches, what that costs the process, and what was not seen.', new ExporterCard()),
    new Section('limits', 'Thresholds and keys', 'All warnings of this page go by this table.', new LimitsCard()),
  ];
}
