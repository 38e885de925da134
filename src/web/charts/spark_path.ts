// The path of a sparkline in a box of that size: gaps stay gaps, a single value is a dot.
import type { Column } from './types';

export function sparkPath(values: Column, top: number, width: number, height: number): string {
  const stepX = values.length > 1 ? width / (values.length - 1) : 0;
  const number = (value: number): string => String(Math.round(value * 100) / 100);
  let path = '';
  values.forEach((value, index) => {
    if (value === null) return;
    const before = values[index - 1] ?? null;
    const y = height - 1 - (Math.min(value, top) / top) * (height - 2);
    path += `${before === null ? 'M' : 'L'}${number(index * stepX)} ${number(y)}`;
    if (before === null && (values[index + 1] ?? null) === null) path += 'h0.01';
  });
  return path;
}
