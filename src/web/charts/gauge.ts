// How full something is: a bar from 0 to its largest, with marks, and all of it in words.
import { shareOf } from './bars';
import { make, setAttribute, setLength, write } from './dom';
import { Painter } from './paint';
import type { Gauge, GaugeMark, Severity } from './types';
import { shareText } from './words';

const SEVERITY_TEXT: Record<Severity, string> = { ok: '✓', warn: '! warning', crit: '✕ critical', unknown: '' };

export function gauge(options: { title: string }): Gauge {
  return new Bar(options.title);
}

class Bar implements Gauge {
  readonly element: HTMLElement;
  private readonly text = make('span', 'gauge-text', '–');
  private readonly badge = make('span', 'gauge-badge');
  private readonly fill = make('div', 'gauge-fill');
  private readonly track = make('div', 'gauge-track', this.fill);
  private readonly names = make('div', 'gauge-names');
  private readonly ticks: HTMLElement[] = [];
  private readonly labels: HTMLElement[] = [];
  private readonly painter: Painter;
  private state: { value: number | null; max: number | null; text: string; marks: GaugeMark[]; severity: Severity };

  constructor(title: string) {
    this.state = { value: null, max: null, text: '–', marks: [], severity: 'unknown' };
    const meter = this.track;
    meter.setAttribute('role', 'meter');
    meter.setAttribute('aria-label', title);
    meter.setAttribute('aria-valuemin', '0');
    meter.setAttribute('aria-valuemax', '100');
    meter.setAttribute('aria-valuenow', '0');
    const head = make('div', 'chart-head', make('figcaption', 'chart-title', title), this.badge, this.text);
    this.element = make('figure', 'chart gauge', head, meter, this.names);
    this.painter = new Painter(this.element, () => this.draw());
  }

  update(value: number | null, max: number | null, text: string, marks: GaugeMark[] = [], severity: Severity = 'unknown'): void {
    this.state = { value, max, text, marks, severity };
    this.painter.invalidate();
  }

  private draw(): void {
    const { value, max, text, severity } = this.state;
    const share = shareOf(value, max);
    write(this.text, text);
    write(this.badge, SEVERITY_TEXT[severity]);
    setAttribute(this.element, 'data-severity', severity);
    this.fill.style.width = `${(share ?? 0) * 100}%`;
    this.track.classList.toggle('gauge-unknown', share === null);
    setAttribute(this.track, 'aria-valuenow', String(Math.round((share ?? 0) * 100)));
    setAttribute(this.track, 'aria-valuetext', share === null ? `${text}, share not known` : `${text}, ${shareText(share)}`);
    this.drawMarks();
  }

  private drawMarks(): void {
    const marks = this.state.marks.filter((mark) => shareOf(mark.at, this.state.max) !== null);
    setLength(this.track, this.ticks, marks.length, () => make('span', 'gauge-tick'));
    setLength(this.names, this.labels, marks.length, () => make('div', 'gauge-name', make('span', '')));
    marks.forEach((mark, index) => {
      const percent = 100 * (shareOf(mark.at, this.state.max) ?? 0);
      (this.ticks[index] as HTMLElement).style.left = `${percent}%`;
      const label = (this.labels[index] as HTMLElement).firstElementChild as HTMLElement;
      write(label, mark.label);
      label.style.left = `${percent}%`;
      label.style.transform = `translateX(-${percent}%)`; // so that it never leaves the box
    });
  }
}
