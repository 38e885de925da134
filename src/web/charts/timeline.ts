// The timeline of garbage collections: lanes on one axis, a cursor over all of them, and one event
// selected by pointer or key, with its detail in a table.
import { lowerBound, nearestIndex } from './axis';
import { clockText } from './clock';
import { cursorTime, joinCursor, leaveCursor, moveCursor } from './cursor';
import { DataTable } from './data_table';
import { make, SlowLabel, write } from './dom';
import { KIND_TEXT, lengthMs, shortText, summaryText, tableText } from './event_words';
import { TABLE_ROWS } from './line_words';
import { Painter } from './paint';
import { TimelineCanvas } from './timeline_canvas';
import { EventDetail } from './timeline_detail';
import { timelineKey } from './timeline_key';
import { stallRows } from './timeline_layout';
import type { Shown } from './timeline_scene';
import type { HeapSamples, Range, Timeline, TimelineEvent, Zone } from './types';
import { step } from './walk';
import { durationText, sizeText } from './words';

interface Options {
  zone: () => Zone;
  systems: () => string[];
}

const NO_HEAP: HeapSamples = { unixMs: [], used: [], trigger: [] };

export function timeline(options: Options): Timeline {
  return new GcTimeline(options);
}

class GcTimeline implements Timeline {
  readonly element: HTMLElement;
  private readonly canvas = new TimelineCanvas();
  private readonly detail = new EventDetail();
  private readonly readout = make('div', 'timeline-readout', 'waiting for the first sample');
  private readonly status = make('div', 'chart-hidden');
  private readonly table: DataTable;
  private readonly label: SlowLabel;
  private readonly painter: Painter;
  private readonly resize: ResizeObserver;
  private events: readonly TimelineEvent[] = [];
  private heap = NO_HEAP;
  private range: Range = { fromMs: 0, toMs: 1 };
  private selected: TimelineEvent | null = null;
  private hovered: Shown | null = null;

  constructor(private readonly options: Options) {
    const picture = this.canvas.element;
    picture.setAttribute('role', 'img');
    picture.tabIndex = 0;
    this.status.setAttribute('role', 'status');
    this.table = new DataTable('Events', picture, () => this.painter.invalidate());
    this.table.element.classList.add('timeline-table');
    this.element = make(
      'figure', 'chart timeline',
      make('div', 'chart-head', make('figcaption', 'chart-title', 'Timeline'), this.readout, this.table.button),
      picture, this.table.element, timelineKey(), this.detail.element, this.status,
    );
    this.label = new SlowLabel(picture);
    this.label.write(() => 'Timeline of garbage collections: waiting for the first sample', true);
    this.painter = new Painter(this.element, () => this.draw());
    this.resize = new ResizeObserver(() => {
      this.detail.resized();
      this.painter.invalidate();
    });
    this.resize.observe(picture);
    this.listen(picture);
    joinCursor(this);
  }

  update(events: TimelineEvent[], heap: HeapSamples, range: Range): void {
    const span = (of: Range): number => of.toMs - of.fromMs;
    if (Math.abs(span(range) - span(this.range)) > span(range) * 0.01) this.canvas.forgetAxis();
    this.events = inOrder(events);
    Object.assign(this, { heap, range });
    this.forgetVanished();
    this.painter.invalidate();
  }

  redraw(): void {
    this.detail.show(this.selected, this.options.zone());
    this.painter.invalidate();
  }

  destroy(): void {
    leaveCursor(this);
    this.resize.disconnect();
    this.painter.destroy();
  }

  showCursor(unixMs: number | null): void {
    if (!this.painter.inSight) return;
    this.canvas.drawCursor(unixMs, this.selected);
    write(this.readout, unixMs === null ? this.summary() : this.readoutAt(unixMs));
  }

  private draw(): void {
    const zone = this.options.zone();
    if (this.table.open) {
      this.writeTable(zone);
    } else {
      const stallNames = stallRows(this.options.systems(), this.events);
      this.canvas.draw({ events: this.events, heap: this.heap, range: this.range, zone, stallNames });
    }
    this.label.write(() => `Timeline of garbage collections, ${this.summary()}`);
    this.showCursor(cursorTime());
  }

  private summary(): string {
    return summaryText(this.events, this.range, this.options.zone());
  }

  private readoutAt(unixMs: number): string {
    const zone = this.options.zone();
    const index = nearestIndex(this.heap.unixMs, unixMs);
    const used = this.heap.used[index];
    const heap = used == null ? '' : `, heap ${sizeText(used)}`;
    if (!this.hovered) return clockText(unixMs, zone) + heap;
    const many = this.hovered.event.kind === 'gc' && this.hovered.count > 1;
    return shortText(this.hovered.event, zone) + (many ? ` (longest of ${this.hovered.count} here)` : '') + heap;
  }

  private inWindow(): TimelineEvent[] {
    return this.events.filter((event) => event.unix_ms >= this.range.fromMs && event.unix_ms <= this.range.toMs);
  }

  private writeTable(zone: Zone): void {
    const rows = this.inWindow()
      .slice(-TABLE_ROWS)
      .reverse()
      .map((event) => [
        String(event.seq),
        clockText(event.unix_ms, zone),
        KIND_TEXT[event.kind],
        durationText(lengthMs(event)),
        tableText(event),
      ]);
    this.table.element.style.height = this.canvas.element.style.height;
    this.table.update(`Last ${TABLE_ROWS} events, newest first`, ['sequence', 'time', 'kind', 'lasted', 'what'], rows);
  }

  // An event that is no longer kept, or of an exporter that is no more, is selected no more.
  private forgetVanished(): void {
    const { selected } = this;
    if (!selected) return;
    const same = (event: TimelineEvent): boolean => event.seq === selected.seq && event.unix_ms === selected.unix_ms;
    const from = lowerBoundOf(this.events, selected.unix_ms);
    for (let index = from; index < this.events.length; index++) {
      const event = this.events[index] as TimelineEvent;
      if (same(event)) return;
      if (event.unix_ms > selected.unix_ms) break;
    }
    this.select(null);
  }

  private select(event: TimelineEvent | null): void {
    this.selected = event;
    this.detail.show(event, this.options.zone());
    this.showCursor(cursorTime());
  }

  private listen(picture: HTMLElement): void {
    picture.addEventListener('pointermove', (event) => this.point(event));
    picture.addEventListener('pointerleave', () => {
      this.hovered = null;
      moveCursor(null);
    });
    picture.addEventListener('click', (event) => {
      this.point(event);
      if (this.hovered) this.select(this.hovered.event);
    });
    picture.addEventListener('keydown', (event) => this.onKey(event));
  }

  private point(event: MouseEvent): void {
    const found = this.canvas.at(event.clientX, event.clientY);
    if (!found) return;
    this.hovered = found.shown;
    moveCursor(found.unixMs);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape') return this.select(null);
    const events = this.inWindow();
    const current = events.findIndex((candidate) => candidate.seq === this.selected?.seq);
    const place = step(event.key, current, events.length);
    if (place === null) return;
    event.preventDefault();
    event.stopPropagation();
    const next = events[place] as TimelineEvent;
    this.select(next);
    write(this.status, `${shortText(next, this.options.zone())}, ${place + 1} of ${events.length}`);
  }
}

function lowerBoundOf(events: readonly TimelineEvent[], unixMs: number): number {
  return lowerBound(events.map((event) => event.unix_ms), unixMs);
}

// By time, which is nearly that of their sequence: an event is told at its end.
function inOrder(events: TimelineEvent[]): readonly TimelineEvent[] {
  const sorted = events.every((event, index) => index === 0 || (events[index - 1] as TimelineEvent).unix_ms <= event.unix_ms);
  return sorted ? events : [...events].sort((a, b) => a.unix_ms - b.unix_ms || a.seq - b.seq);
}
