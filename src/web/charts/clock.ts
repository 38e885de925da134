// Times for people: 24 hours, ISO dates, in the page's one zone.
import { clockTime, clockTimeMs, dateTime, offsetText } from '../data/format';
import type { Zone } from './types';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR,
];

// Milliseconds that the zone is ahead of UTC at that time.
export function zoneOffsetMs(unixMs: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(unixMs).getTimezoneOffset() * MINUTE;
}

export function clockText(unixMs: number, zone: Zone, withSeconds = true): string {
  const time = clockTime(unixMs, zone);
  return withSeconds ? time : time.slice(0, 5);
}

// 2026-02-03 14:02:11.042 UTC+01:00
export function fullTimeText(unixMs: number, zone: Zone): string {
  const milliseconds = clockTimeMs(unixMs, zone).slice(8);
  const behind = -zoneOffsetMs(unixMs, zone) / MINUTE;
  return `${dateTime(unixMs, zone)}${milliseconds} ${zone === 'utc' ? 'UTC' : offsetText(behind)}`;
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
