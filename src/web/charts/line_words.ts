// What a line chart says in text: to who can't see it, and at the cursor.
import { clockText, windowText } from './clock';
import { UNKNOWN } from './words';
import type { Column, LineSeries, Mark, Range, Unit, Zone } from './types';

export const TABLE_ROWS = 25;

export function valueText(value: number | null | undefined, unit: Unit): string {
  return value == null ? UNKNOWN : unit.format(value);
}

// Written of the newest second: if it has no value yet, that of one of the two before it.
export function currentValue(values: Column, last: number): number | null {
  for (let index = last; index >= 0 && index > last - 3; index--) {
    const value = values[index];
    if (value != null) return value;
  }
  return null;
}

export interface Window {
  x: readonly number[];
  first: number;
  last: number; // -1 where there is none
}

export function chartLabel(title: string, series: readonly LineSeries[], window: Window, range: Range, unit: Unit): string {
  if (series.length === 0 || window.last < window.first) return `${title}: waiting for the first sample`;
  const lines = series.map((line) => {
    let most: number | null = null;
    for (let index = window.first; index <= window.last; index++) {
      const value = line.values[index];
      if (value != null && (most === null || value > most)) most = value;
    }
    const now = valueText(currentValue(line.values, window.last), unit);
    return `${line.label} now ${now}, highest ${valueText(most, unit)}`;
  });
  return `${title}, ${windowText(range.toMs - range.fromMs)}: ${lines.join('; ')}`;
}

export function cursorText(unixMs: number, index: number, series: readonly LineSeries[], unit: Unit, zone: Zone): string {
  const values = series.map((line) => `${line.label} ${valueText(line.values[index], unit)}`);
  return `${clockText(unixMs, zone)}: ${values.join(', ')}`;
}

// Newest first, so that what is read first is what is now.
export function tableRows(series: readonly LineSeries[], window: Window, unit: Unit, zone: Zone): string[][] {
  const rows: string[][] = [];
  for (let index = window.last; index >= window.first && rows.length < TABLE_ROWS; index--) {
    const at = window.x[index] as number;
    rows.push([clockText(at, zone), ...series.map((line) => valueText(line.values[index], unit))]);
  }
  return rows;
}

// Beside the title: which lines over the chart are what, or what the one at the cursor is.
export function markText(marks: readonly Mark[], range: Range, cursorMs: number | null): string {
  const reachMs = (range.toMs - range.fromMs) / 150;
  let nearest: Mark | null = null;
  let collections = false;
  for (const mark of marks) {
    if (mark.unixMs < range.fromMs || mark.unixMs > range.toMs) continue;
    if (mark.kind === 'gc') collections = true;
    if (cursorMs === null || Math.abs(mark.unixMs - cursorMs) > reachMs) continue;
    if (!nearest || Math.abs(mark.unixMs - cursorMs) < Math.abs(nearest.unixMs - cursorMs)) nearest = mark;
  }
  if (nearest) return nearest.label;
  return collections ? '│ GC' : '';
}
