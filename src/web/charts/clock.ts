// Times for people: 24 hours, ISO dates, in the page's one zone.
import type { Zone } from './types';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR,
];

const two = (value: number): string => String(value).padStart(2, '0');

// Milliseconds that the zone is ahead of UTC at that time.
export function zoneOffsetMs(unixMs: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(unixMs).getTimezoneOffset() * MINUTE;
}

function inZone(unixMs: number, zone: Zone): Date {
  return new Date(unixMs + zoneOffsetMs(unixMs, zone)); // to be read by its getUTC… methods
}

export function clockText(unixMs: number, zone: Zone, withSeconds = true): string {
  const date = inZone(unixMs, zone);
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return withSeconds ? `${minutes}:${two(date.getUTCSeconds())}` : minutes;
}

// 2026-02-03 14:02:11.042 +01:00, or with Z.
export function fullTimeText(unixMs: number, zone: Zone): string {
  const offset = zoneOffsetMs(unixMs, zone);
  const [day, time] = inZone(unixMs, zone).toISOString().slice(0, -1).split('T');
  return `${day} ${time} ${zone === 'utc' ? 'Z' : offsetText(offset)}`;
}

function offsetText(offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / MINUTE));
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

export interface TimeTicks {
  atMs: number[];
  texts: string[];
}

// Round times between two, at most `most` of them, and what stands below each.
export function timeTicks(fromMs: number, toMs: number, most: number, zone: Zone): TimeTicks {
  const span = toMs - fromMs;
  if (!(span > 0) || most < 1) return { atMs: [], texts: [] };
  const step = STEPS.find((candidate) => span / candidate <= most) ?? 24 * HOUR;
  const offset = zoneOffsetMs(fromMs, zone);
  const atMs: number[] = [];
  for (let at = Math.ceil((fromMs + offset) / step) * step - offset; at <= toMs; at += step) {
    atMs.push(at);
  }
  return { atMs, texts: atMs.map((at) => clockText(at, zone, step < MINUTE)) };
}

// "last 5 min", "last 90 s": what a window is called.
export function windowText(spanMs: number): string {
  const seconds = Math.round(spanMs / SECOND);
  return seconds % 60 === 0 ? `last ${seconds / 60} min` : `last ${seconds} s`;
}
