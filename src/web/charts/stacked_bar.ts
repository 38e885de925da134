// Parts of a whole: one bar, and each part's name and number below it.
import { stack } from './bars';
import { make, setLength, write } from './dom';
import { Painter } from './paint';
import { toneValue } from './palette';
import type { BarPart, StackedBar } from './types';
import { countText } from './words';

export function stackedBar(options: { title: string }): StackedBar {
  return new Stack(options.title);
}

class Stack implements StackedBar {
  readonly element: HTMLElement;
  private readonly bar = make('div', 'stack-bar');
  private readonly list = make('ul', 'stack-parts');
  private readonly pieces: HTMLElement[] = [];
  private readonly items: HTMLLIElement[] = [];
  private readonly painter: Painter;
  private parts: BarPart[] = [];

  constructor(title: string) {
    this.bar.setAttribute('aria-hidden', 'true');
    this.list.setAttribute('aria-label', title);
    this.element = make('figure', 'chart', make('figcaption', 'chart-title', title), this.bar, this.list);
    this.painter = new Painter(this.element, () => this.draw());
  }

  update(parts: BarPart[]): void {
    this.parts = parts;
    this.painter.invalidate();
  }

  private draw(): void {
    setLength(this.bar, this.pieces, this.parts.length, () => make('span', 'stack-piece'));
    setLength(this.list, this.items, this.parts.length, makeItem);
    stack(this.parts).forEach((share, index) => {
      const part = this.parts[index] as BarPart;
      const piece = this.pieces[index] as HTMLElement;
      piece.style.width = `${share.width * 100}%`;
      piece.hidden = share.width === 0;
      piece.style.background = toneValue(part.tone);
      const [sample, name, value] = (this.items[index] as Element).children as unknown as HTMLElement[];
      (sample as HTMLElement).style.background = toneValue(part.tone);
      write(name as Element, part.label);
      write(value as Element, countText(part.value));
    });
  }
}

function makeItem(): HTMLLIElement {
  const sample = make('span', 'stack-sample');
  sample.setAttribute('aria-hidden', 'true');
  return make('li', '', sample, make('span', 'chart-name'), make('span', 'chart-value'));
}
