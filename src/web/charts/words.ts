// Numbers for people, with their units, where null is an en dash. What a unit looks like stands in
// one place for all of the page.
import { bytes, count, milliseconds, NONE, percent, written } from '../data/format';

export const UNKNOWN = NONE;

export function durationText(ms: number | null | undefined): string {
  return written(ms, milliseconds);
}

export function sizeText(size: number | null | undefined): string {
  return written(size, bytes);
}

export function countText(number: number | null | undefined): string {
  return written(number, count);
}

export function shareText(share: number): string {
  return percent.format(share);
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${countText(number)} ${number === 1 ? one : many}`;
}
