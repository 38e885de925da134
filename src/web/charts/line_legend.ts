// The legend of a line chart: a sample of each line, its name, and its value now or at the cursor.
import { make, makeSvg, setLength, write } from './dom';
import { currentValue, valueText } from './line_words';
import { toneValue } from './palette';
import type { LineSeries, Unit } from './types';

interface Entry {
  item: HTMLLIElement;
  sample: SVGElement;
  name: HTMLElement;
  value: HTMLElement;
}

export class LineLegend {
  readonly element: HTMLElement;
  private readonly when = make('span', 'chart-when', 'now');
  private readonly list = make('ul', 'chart-lines');
  private readonly items: HTMLLIElement[] = [];
  private readonly entries = new WeakMap<HTMLLIElement, Entry>();

  constructor(private readonly unit: Unit) {
    this.element = make('div', 'chart-legend', this.when, this.list);
  }

  update(series: readonly LineSeries[], last: number, at: { index: number; text: string } | null): void {
    write(this.when, at ? at.text : 'now');
    setLength(this.list, this.items, series.length, () => this.makeItem());
    series.forEach((line, index) => {
      const entry = this.entries.get(this.items[index] as HTMLLIElement) as Entry;
      const value = at ? line.values[at.index] : currentValue(line.values, last);
      write(entry.name, line.label);
      write(entry.value, valueText(value, this.unit));
      entry.sample.style.stroke = toneValue(line.tone);
      entry.sample.style.strokeDasharray = line.dash ? line.dash.join(' ') : 'none';
    });
  }

  private makeItem(): HTMLLIElement {
    const sample = makeSvg('line', { x1: '0', x2: '20', y1: '5', y2: '5' });
    const picture = makeSvg('svg', { class: 'chart-sample', width: '20', height: '10', 'aria-hidden': 'true' });
    picture.append(sample);
    const name = make('span', 'chart-name');
    const value = make('span', 'chart-value');
    const item = make('li', '', picture, name, value);
    this.entries.set(item, { item, sample, name, value });
    return item;
  }
}
