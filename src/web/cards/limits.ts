// The table of thresholds, as the verdict uses it, and what the keyboard can do.
import { THRESHOLDS } from '../data/thresholds';
import type { Card } from './frame';
import { make, NumberTable } from './parts';

const KEYS: readonly (readonly [string, string])[] = [
  ['p', 'pause and go on'], ['1 5 0', 'show 1, 5 or 10 minutes'], ['u', 'UTC or the local zone'],
  ['j k', 'next and previous part of the page'], ['space or enter', 'on a heading: fold it'],
  ['← →', 'in a chart: move the cursor; in the timeline: select a collection'],
];

export class LimitsCard implements Card {
  readonly element: HTMLElement;

  constructor() {
    const table = new NumberTable('When it warns', ['What', 'Over', 'Warning from', 'Critical from', 'Judged from']);
    for (const { id, what, over, warn, crit, unit, least } of THRESHOLDS) {
      table.set(id, what, [over, `! ${unit.format(warn)}`, `✕ ${unit.format(crit)}`, least ?? 'the first']);
    }
    const keys = make('dl', 'facts');
    for (const [key, deed] of KEYS) keys.append(make('div', 'fact', make('dt', '', make('kbd', '', key)), make('dd', '', deed)));
    this.element = make('div', 'two', table.element, make('div', '', make('h3', '', 'Keys'), keys));
  }

  update(): void {}

  redraw(): void {}

  destroy(): void {}
}
