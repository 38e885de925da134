// A small line without axes, for a card in which the number stands beside it.
import { AxisTop, highest } from './axis';
import { make, makeSvg, setAttribute } from './dom';
import { Painter } from './paint';
import { sparkPath } from './spark_path';
import type { Column, Sparkline } from './types';

export function sparkline(options: { title: string }): Sparkline {
  const path = makeSvg('path', { class: 'spark-line' });
  const svg = makeSvg('svg', { viewBox: '0 0 100 24', preserveAspectRatio: 'none', class: 'spark' });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', options.title);
  svg.append(path);
  const element = make('div', 'spark-box', svg);
  const axis = new AxisTop();
  let values: Column = [];
  const painter = new Painter(element, () => {
    const top = axis.top(highest([values]), performance.now());
    setAttribute(path, 'd', sparkPath(values, top, 100, 24));
  });
  return {
    element,
    update(next: Column): void {
      values = next;
      painter.invalidate();
    },
  };
}
