// Numbers for people, with their units. What is not known is an en dash.

export const UNKNOWN = '–';

function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(places)));
}

export function durationText(ms: number | null | undefined): string {
  if (ms == null) return UNKNOWN;
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${digits(ms * 1000)} µs`;
  if (ms < 1000) return `${digits(ms)} ms`;
  return `${digits(ms / 1000)} s`;
}

export function sizeText(bytes: number | null | undefined): string {
  if (bytes == null) return UNKNOWN;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${digits(value)} ${units[unit]}`;
}

export function countText(count: number | null | undefined): string {
  if (count == null) return UNKNOWN;
  if (count < 10_000) return digits(count);
  if (count < 1e6) return `${digits(count / 1e3)} k`;
  if (count < 1e9) return `${digits(count / 1e6)} M`;
  return `${digits(count / 1e9)} G`;
}

export function shareText(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${digits(Math.round(share * 1000) / 10)} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
