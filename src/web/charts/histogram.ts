// A distribution as rows of text, each with a bar: readable without colour, and by who can't see it.
import { bucketText, MOST_ROWS, shownBuckets } from './bars';
import { make, setLength, write } from './dom';
import { Painter } from './paint';
import type { Histogram, Unit } from './types';
import { shareText } from './words';

export function histogram(options: { title: string; unit: Unit }): Histogram {
  return new Bars(options.title, options.unit);
}

class Bars implements Histogram {
  readonly element: HTMLElement;
  private readonly list = make('ul', 'histogram-rows');
  private readonly box: HTMLElement;
  private readonly why = make('div', 'chart-empty');
  private readonly total = make('span', 'chart-marks');
  private readonly rows: HTMLLIElement[] = [];
  private readonly painter: Painter;
  private bounds: number[] = [];
  private counts: number[] | null = null;
  private reason = 'waiting for the first sample';
  private shown: [number, number] | null = null;

  constructor(title: string, private readonly unit: Unit) {
    this.list.setAttribute('aria-label', title);
    const head = make('div', 'chart-head', make('figcaption', 'chart-title', title), this.total);
    this.box = make('div', 'histogram-box', this.list, this.why);
    this.element = make('figure', 'chart', head, this.box);
    this.painter = new Painter(this.element, () => this.draw());
    write(this.why, this.reason);
  }

  update(bounds: number[], counts: number[] | null, why?: string): void {
    if (bounds.length !== this.bounds.length) this.shown = null;
    this.bounds = bounds;
    this.counts = counts;
    this.reason = why ?? (counts ? '' : 'not known');
    this.painter.invalidate();
  }

  private draw(): void {
    const counts = this.counts ?? [];
    const total = counts.reduce((sum, count) => sum + count, 0);
    write(this.why, this.counts && total === 0 && !this.reason ? 'nothing in this time' : this.reason);
    this.why.hidden = total > 0;
    this.list.hidden = total === 0;
    this.setHeight();
    write(this.total, this.counts ? this.unit.format(total) : '');
    if (total > 0) this.drawRows(counts, total);
  }

  // As high as all rows, from the first answer on; a line where there will be none.
  private setHeight(): void {
    const unknown = this.counts === null && this.bounds.length === 0;
    const rows = unknown ? 2 : Math.min(MOST_ROWS, this.bounds.length + 1);
    this.box.style.height = `${Math.max(2, rows) * 1.2}rem`;
  }

  private drawRows(counts: number[], total: number): void {
    this.shown = shownBuckets(counts, this.shown);
    const [first, last] = this.shown;
    const most = Math.max(...counts);
    setLength(this.list, this.rows, last - first + 1, makeRow);
    if (this.rows.length > MOST_ROWS) this.list.tabIndex = 0;
    else this.list.removeAttribute('tabindex');
    this.rows.forEach((row, index) => {
      const count = counts[first + index] ?? 0;
      const [name, track, value, share] = row.children as unknown as [Element, Element, Element, Element];
      write(name, bucketText(this.bounds, first + index));
      (track.firstElementChild as HTMLElement).style.width = `${(100 * count) / most}%`;
      write(value, this.unit.format(count));
      write(share, count > 0 ? shareText(count / total) : '');
    });
  }
}

function makeRow(): HTMLLIElement {
  const track = make('span', 'histogram-track', make('span', 'histogram-bar'));
  track.setAttribute('aria-hidden', 'true');
  return make(
    'li', '',
    make('span', 'histogram-name'), track,
    make('span', 'histogram-count'), make('span', 'histogram-share'),
  );
}
