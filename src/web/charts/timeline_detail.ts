// The table of the selected event.
import { make, setLength, write } from './dom';
import { detailRows } from './event_words';
import type { TimelineEvent, Zone } from './types';

const HINT = 'No event selected. Click a mark, or focus the timeline and press the left and right arrow keys.';

export class EventDetail {
  readonly element: HTMLElement;
  private readonly hint = make('p', 'timeline-hint', HINT);
  private readonly table = make('div', 'timeline-rows');
  private readonly rows: HTMLElement[] = [];

  constructor() {
    // Roles by hand, since laid out as a grid a table is none any more to some screen readers.
    this.table.setAttribute('role', 'table');
    this.table.setAttribute('aria-label', 'Selected event');
    this.table.hidden = true;
    this.element = make('div', 'timeline-detail', this.hint, this.table);
  }

  show(event: TimelineEvent | null, zone: Zone): void {
    this.hint.hidden = event !== null;
    this.table.hidden = event === null;
    if (!event) return;
    const texts = detailRows(event, zone);
    setLength(this.table, this.rows, texts.length, makeRow);
    texts.forEach(([name, value], index) => {
      const row = this.rows[index] as HTMLElement;
      write(row.children[0] as Element, name);
      write(row.children[1] as Element, value);
      row.classList.toggle('timeline-wide', value.length > 34);
    });
    this.keepHeight();
  }

  // Another width: what was kept means nothing.
  resized(): void {
    this.element.style.minHeight = '';
    this.keepHeight();
  }

  // The walk from a collection to a stall must not move what is below.
  private keepHeight(): void {
    const height = this.element.offsetHeight;
    if (height > (parseFloat(this.element.style.minHeight) || 0)) this.element.style.minHeight = `${height}px`;
  }
}

function makeRow(): HTMLElement {
  const name = make('span', 'timeline-name');
  const value = make('span', 'timeline-value');
  name.setAttribute('role', 'rowheader');
  value.setAttribute('role', 'cell');
  const row = make('div', 'timeline-row', name, value);
  row.setAttribute('role', 'row');
  return row;
}
