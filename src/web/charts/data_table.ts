// "As table": the last rows of a chart in the place of its picture. Its box has the chart's size,
// so nothing moves; its rows change no more while the focus is in it.
import { make, setLength, write } from './dom';

export class DataTable {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  private readonly caption = make('caption', 'chart-hidden');
  private readonly head = make('tr', '');
  private readonly body = make('tbody', '');
  private readonly headCells: HTMLElement[] = [];
  private readonly rows: HTMLTableRowElement[] = [];
  private readonly cells = new WeakMap<HTMLTableRowElement, HTMLElement[]>();

  constructor(
    private readonly title: string,
    private readonly picture: HTMLElement,
    private readonly onToggle: () => void,
  ) {
    const table = make('table', '', this.caption, make('thead', '', this.head), this.body);
    this.element = make('div', 'chart-table', table);
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'region');
    this.element.setAttribute('aria-label', `${title}, as table`);
    this.element.hidden = true;
    this.button = make('button', 'chart-button', 'as table');
    this.button.type = 'button';
    this.button.addEventListener('click', () => this.toggle());
    this.name();
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  update(caption: string, heads: string[], rows: string[][]): void {
    if (this.element.contains(document.activeElement)) return;
    write(this.caption, caption);
    setLength(this.head, this.headCells, heads.length, () => {
      const cell = make('th', '');
      cell.scope = 'col';
      return cell;
    });
    heads.forEach((text, index) => write(this.headCells[index] as HTMLElement, text));
    setLength(this.body, this.rows, rows.length, () => make('tr', ''));
    rows.forEach((texts, index) => this.writeRow(this.rows[index] as HTMLTableRowElement, texts));
  }

  private writeRow(row: HTMLTableRowElement, texts: string[]): void {
    const cells = this.cells.get(row) ?? [];
    this.cells.set(row, cells);
    setLength(row, cells, texts.length, () => make('td', ''));
    texts.forEach((text, index) => write(cells[index] as HTMLElement, text));
  }

  private toggle(): void {
    this.element.hidden = this.open;
    this.picture.hidden = this.open;
    this.name();
    this.onToggle();
  }

  private name(): void {
    write(this.button, this.open ? 'as chart' : 'as table');
    this.button.setAttribute('aria-label', `${this.title} ${this.open ? 'as chart' : 'as table'}`);
  }
}
