// The top of the page: what is looked at, how it is in one sentence, how old the data are, and how
// the page shows them.
import type { ConnectionState } from '../data/connection';
import { clockTime, NONE, seconds, span, zoneText } from '../data/format';
import type { Zone } from '../data/seam';
import { targetName } from '../data/targets';
import type { Target } from '../data/targets';
import type { Finding } from '../data/verdict';
import { FindingList } from './finding_list';
import { Badge, button, make, setAttribute, severityWord, write } from './parts';

export type Theme = 'auto' | 'light' | 'dark';
export const RANGES_MIN: readonly number[] = [1, 5, 10];

export interface Deeds {
  choose(process: string): void;
  setMinutes(minutes: number): void;
  togglePause(): void;
  toggleZone(): void;
  nextTheme(): void;
  retry(): void;
}

export interface HeaderState {
  connection: ConnectionState;
  nowMs: number; // this machine's clock, of the connection's times
  sampleMs: number | null;
  target: Target | null;
  targets: readonly Target[];
  findings: readonly Finding[]; // worst first, or that all is well
  zone: Zone;
  minutes: number;
  pausedMs: number | null;
  theme: Theme;
}

const LIVE_WORDS: Record<ConnectionState['is'], string> = {
  connecting: 'connecting', live: 'live', stale: 'stale', gone: 'no answer', busy: 'polling', hidden: 'asleep',
};

// What is wrong between page and exporter comes before all that is wrong with the target.
function connectionFinding(state: ConnectionState, nowMs: number, sampleMs: number | null, zone: Zone): Finding | null {
  const since = sampleMs === null ? '' : `; all numbers are of ${clockTime(sampleMs, zone)}`;
  const section = 'exporter';
  switch (state.is) {
    case 'gone': {
      const left = Math.max(0, Math.ceil((state.retryAtMs - nowMs) / 1000));
      const text = state.why === 'stopped' ? 'The exporter was stopped' : 'The exporter does not answer';
      return { severity: 'crit', text, reason: `trying again in ${left} s${since}`, section };
    }
    case 'stale':
      return { severity: 'warn', text: `No data for ${seconds.format(Math.floor((nowMs - state.sinceMs) / 1000))}`,
        reason: `the connection stands, the exporter sends nothing${since}`, section };
    case 'busy':
      return { severity: 'warn', text: 'All places for live pages are taken',
        reason: 'this page asks each 2 s instead, and sees one process; close other tabs of it', section };
    default:
      return null;
  }
}

export class Header {
  readonly element: HTMLElement;
  private readonly picker = make('select', 'picker');
  private readonly uptime = make('span', 'head-fact');
  private readonly live = make('span', 'live');
  private readonly age = make('span', 'head-fact');
  private readonly zone: HTMLButtonElement;
  private readonly pause: HTMLButtonElement;
  private readonly theme: HTMLButtonElement;
  private readonly retry: HTMLButtonElement;
  private readonly ranges = new Map<number, HTMLButtonElement>();
  private readonly verdict: HTMLElement;
  private readonly badge = new Badge();
  private readonly sentence = make('a', 'verdict-text', 'waiting for the first sample');
  private readonly reason = make('span', 'verdict-reason');
  private readonly spoken = make('span', 'only-read');
  private readonly more = new FindingList();
  private spokenOf = '';
  private options = '';

  constructor(deeds: Deeds) {
    this.picker.setAttribute('aria-label', 'Process to look at');
    this.picker.addEventListener('change', () => deeds.choose(this.picker.value));
    this.zone = button('', () => deeds.toggleZone(), 'zone');
    this.pause = button('Pause', () => deeds.togglePause(), 'pause');
    this.theme = button('', () => deeds.nextTheme(), 'theme');
    this.retry = button('Try now', () => deeds.retry(), 'retry');
    this.retry.hidden = true;
    this.spoken.setAttribute('role', 'status');
    this.verdict = make('div', 'verdict', this.badge.element,
      make('p', 'verdict-words', this.sentence, ' ', this.reason), this.retry, this.more.element, this.spoken);
    const bar = make('div', 'bar', make('h1', 'brand', 'Valkyria'), this.picker, this.uptime,
      make('span', 'freshness', this.live, this.age), make('div', 'controls', this.rangeButtons(deeds), this.pause, this.zone, this.theme));
    this.element = make('header', 'header', bar, this.verdict);
  }

  update(state: HeaderState): void {
    this.showTargets(state);
    this.showTimes(state);
    this.showControls(state);
    this.showVerdict(state);
  }

  // Where what is below it begins.
  bottomPx(): number {
    return this.verdict.getBoundingClientRect().bottom;
  }

  private rangeButtons(deeds: Deeds): HTMLElement {
    const group = make('div', 'ranges');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', 'How much time is shown');
    for (const minutes of RANGES_MIN) {
      const one = button(`${minutes} min`, () => deeds.setMinutes(minutes));
      this.ranges.set(minutes, one);
      group.append(one);
    }
    return group;
  }

  private showTargets({ targets, target }: HeaderState): void {
    const texts = targets.map((one) => `${targetName(one)}${one.process === '' ? '' : ` (${one.pid})`}${one.up ? '' : ', ended'}`);
    const options = JSON.stringify([texts, targets.map((one) => one.process)]);
    if (options !== this.options) {
      this.options = options;
      this.picker.replaceChildren(...targets.map((one, i) => {
        const option = make('option', '', texts[i] ?? '');
        option.value = one.process;
        return option;
      }));
      if (targets.length === 0) this.picker.append(make('option', '', 'no process'));
      this.picker.disabled = targets.length < 2;
    }
    if (target && this.picker.value !== target.process) this.picker.value = target.process;
  }

  private showTimes({ target, sampleMs, connection, zone }: HeaderState): void {
    const started = target?.document?.process.start_unix_ms;
    write(this.uptime, !target || sampleMs === null || !started ? `up ${NONE}`
      : target.up ? `up ${span(sampleMs - started)}`
        : target.endedMs === null ? 'ended' : `ended ${clockTime(target.endedMs, zone)}`);
    write(this.live, LIVE_WORDS[connection.is]);
    setAttribute(this.live, 'data-state', connection.is);
    write(this.age, sampleMs === null ? NONE : clockTime(sampleMs, zone));
    setAttribute(this.age, 'title', 'the time of the newest numbers, by the clock of their machine');
  }

  private showControls({ zone, minutes, pausedMs, theme, nowMs }: HeaderState): void {
    write(this.zone, zoneText(zone, nowMs));
    setAttribute(this.zone, 'aria-label', `Times are in ${zoneText(zone, nowMs)}; show ${zone === 'utc' ? 'the local zone' : 'UTC'}`);
    write(this.pause, pausedMs === null ? 'Pause' : 'Go on');
    setAttribute(this.pause, 'aria-pressed', String(pausedMs !== null));
    write(this.theme, theme === 'auto' ? '◐ Auto' : theme === 'light' ? '○ Light' : '● Dark');
    setAttribute(this.theme, 'aria-label', `Colours: ${theme}; change`);
    for (const [of, one] of this.ranges) setAttribute(one, 'aria-pressed', String(of === minutes));
  }

  private showVerdict({ connection, nowMs, sampleMs, findings, zone, pausedMs }: HeaderState): void {
    const unheard = connectionFinding(connection, nowMs, sampleMs, zone);
    const [found, ...others] = unheard ? [unheard, ...findings.filter((one) => one.severity !== 'ok')] : findings;
    this.more.update(others);
    const severity = found?.severity ?? 'unknown';
    this.badge.set(severity);
    setAttribute(this.verdict, 'data-severity', severity);
    write(this.sentence, found?.text ?? 'Waiting for the first sample');
    setAttribute(this.sentence, 'href', `#${found?.section ?? 'health'}`);
    const paused = pausedMs === null ? '' : `paused at ${clockTime(pausedMs, zone)}; `;
    write(this.reason, paused + (found?.reason ?? ''));
    this.retry.hidden = connection.is !== 'gone';
    this.speak(found, severity);
  }

  // Read aloud when the kind of trouble changes, not each time a number does.
  private speak(found: Finding | undefined, severity: Finding['severity']): void {
    const kind = `${severity} ${found?.section ?? ''}`;
    if (!found || kind === this.spokenOf) return;
    this.spokenOf = kind;
    write(this.spoken, `${severityWord(severity)}: ${found.text}`);
  }
}
