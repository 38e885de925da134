// All that was found, worst first: one stands in the header, the others below it on demand. They lie
// over the page, so that nothing of it moves when something goes wrong.
import type { Finding } from '../data/verdict';
import { Badge, button, make, setAttribute, write } from './parts';

interface Row {
  element: HTMLElement;
  badge: Badge;
  text: HTMLAnchorElement;
  reason: HTMLElement;
}

export class FindingList {
  readonly element = make('div', 'more');
  private readonly toggle: HTMLButtonElement;
  private readonly list = make('ul', 'findings');
  private readonly rows: Row[] = [];

  constructor() {
    this.toggle = button('', () => this.open(this.list.hidden), 'more-button');
    this.list.id = 'findings';
    this.toggle.setAttribute('aria-controls', 'findings');
    this.element.append(this.toggle, this.list);
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.open(false);
      this.toggle.focus();
    });
    this.list.addEventListener('click', () => this.open(false));
    this.open(false);
    this.update([]);
  }

  // `others`: all but the one in the header.
  update(others: readonly Finding[]): void {
    this.element.hidden = others.length === 0;
    write(this.toggle, `and ${others.length} more`);
    while (this.rows.length > others.length) this.rows.pop()?.element.remove();
    others.forEach((finding, i) => this.write(this.rows[i] ?? this.add(), finding));
  }

  private open(open: boolean): void {
    this.list.hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
  }

  private add(): Row {
    const badge = new Badge();
    const text = make('a', 'finding-text');
    const reason = make('span', 'finding-reason');
    const row = { element: make('li', 'finding', badge.element, text, reason), badge, text, reason };
    this.rows.push(row);
    this.list.append(row.element);
    return row;
  }

  private write(row: Row, finding: Finding): void {
    row.badge.set(finding.severity);
    write(row.text, finding.text);
    setAttribute(row.text, 'href', `#${finding.section}`);
    write(row.reason, finding.reason);
  }
}
