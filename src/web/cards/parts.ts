// Small parts that cards are made of.
import { make, setAttribute, write } from '../charts/dom';
import { NONE } from '../data/format';
import type { Severity } from '../data/seam';

export { make, setAttribute, write };

const SIGNS: Record<Severity, string> = { ok: '✓', warn: '!', crit: '✕', unknown: '?' };
const SEVERITY_WORDS: Record<Severity, string> = {
  ok: 'fine', warn: 'warning', crit: 'critical', unknown: 'not known',
};

export function severityWord(severity: Severity): string {
  return SEVERITY_WORDS[severity];
}

// A sign and a word for readers of screens: never a colour alone.
export class Badge {
  readonly element = make('span', 'badge');
  private readonly sign = make('span', 'badge-sign');
  private readonly word = make('span', 'only-read');

  constructor() {
    this.sign.setAttribute('aria-hidden', 'true');
    this.element.append(this.sign, this.word);
    this.set('unknown');
  }

  set(severity: Severity): void {
    setAttribute(this.element, 'data-severity', severity);
    write(this.sign, SIGNS[severity]);
    write(this.word, `${SEVERITY_WORDS[severity]}: `);
  }
}

// A headline number with its label, and a line for what belongs to it or for why it is missing.
export class Tile {
  readonly element: HTMLElement;
  private readonly number = make('div', 'tile-number', NONE);
  private readonly note = make('div', 'tile-note');
  private readonly badge = new Badge();

  constructor(label: string, private readonly picture?: HTMLElement) {
    const head = make('div', 'tile-label', this.badge.element, label);
    this.badge.element.hidden = true;
    this.element = make('div', 'tile', head, this.number, this.note);
    if (this.picture) this.element.append(this.picture);
  }

  set(text: string, note: string, severity?: Severity): void {
    write(this.number, text);
    write(this.note, note);
    this.badge.element.hidden = severity === undefined || severity === 'unknown';
    if (severity) this.badge.set(severity);
    setAttribute(this.element, 'data-severity', severity ?? 'unknown');
  }
}

// Pairs of a name and a number.
export class Facts<Id extends string> {
  readonly element = make('dl', 'facts');
  private readonly values = new Map<Id, { value: HTMLElement; why: HTMLElement }>();

  constructor(rows: readonly (readonly [Id, string])[]) {
    for (const [id, label] of rows) {
      const value = make('span', 'fact-value', NONE);
      const why = make('span', 'why');
      this.values.set(id, { value, why });
      this.element.append(make('div', 'fact', make('dt', '', label), make('dd', '', value, why)));
    }
  }

  // `why`: of a missing number its reason, of any other what belongs to it.
  set(id: Id, text: string, why = ''): void {
    const row = this.values.get(id);
    if (!row) return;
    write(row.value, text);
    write(row.why, why);
  }
}

// A table whose rows stay: only texts change.
export class NumberTable {
  readonly element: HTMLElement;
  private readonly body = make('tbody', '');
  private readonly rows = new Map<string, HTMLElement[]>();

  constructor(caption: string, private readonly heads: readonly string[]) {
    const head = make('tr', '', ...heads.map((text) => {
      const cell = make('th', '', text);
      cell.scope = 'col';
      return cell;
    }));
    const table = make('table', 'numbers', make('caption', '', caption), make('thead', '', head), this.body);
    this.element = make('div', 'table-frame', table);
    // It may be wider than its place: then the keyboard must be able to move it.
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'region');
    this.element.setAttribute('aria-label', caption);
  }

  // `texts`: one for each head but the first, which is the row's name.
  set(id: string, name: string, texts: readonly string[], severity?: Severity): void {
    let cells = this.rows.get(id);
    if (!cells) {
      const header = make('th', '');
      header.scope = 'row';
      cells = [header, ...this.heads.slice(1).map(() => make('td', ''))];
      this.rows.set(id, cells);
      this.body.append(make('tr', '', ...cells));
    }
    [name, ...texts].forEach((text, i) => {
      const cell = cells?.[i];
      if (cell) write(cell, text);
    });
    if (severity) setAttribute(cells[0]?.parentElement ?? this.element, 'data-severity', severity);
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, cells] of this.rows) {
      if (ids.has(id)) continue;
      cells[0]?.parentElement?.remove();
      this.rows.delete(id);
    }
  }
}

export function button(text: string, onClick: () => void, className = ''): HTMLButtonElement {
  const element = make('button', className, text);
  element.type = 'button';
  element.addEventListener('click', onClick);
  return element;
}

export function link(text: string, href: string): HTMLAnchorElement {
  const element = make('a', '', text);
  element.href = href;
  return element;
}

// Of a page that is read beside this one.
export function tabLink(text: string, href: string): HTMLAnchorElement {
  const element = link(text, href);
  element.target = '_blank';
  element.rel = 'noopener';
  return element;
}
