// Numbers and times as people read them. Times are written in one zone, 24 hours, dates as in ISO.
import type { Unit, Zone } from './seam';

export const NONE = '–'; // for what is not known; its reason stands beside it

const SPACE = '\u00a0'; // a number and its unit stay on one line

// Three figures that tell something: 1.23, 12.3, 123.
export function figures(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95 || value === 0) return value.toFixed(0);
  if (size >= 9.995) return trimmed(value.toFixed(1));
  return trimmed(value.toFixed(2));
}

function trimmed(text: string): string {
  return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

// `value` in the largest of `steps` that it reaches; each is [size of the unit, its name].
function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  const size = Math.abs(value);
  // 999.9 would be written as 1000 of its unit.
  const step = steps.find(([least]) => size >= least * 0.9995) ?? steps[steps.length - 1];
  if (!step) return figures(value);
  const [unit, name] = step;
  return figures(value / unit) + (name ? SPACE + name : '');
}

const THOUSANDS = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, '']] as const;
const BINARY = [
  [2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B'],
] as const;
const SHORT_TIMES = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']] as const;

// Of things that there are whole numbers of: 999, 1.2 k, 3.45 M.
export const count: Unit = { whole: true, format: (value) => scaled(value, THOUSANDS) };

export const bytes: Unit = { base: 1024, format: (value) => scaled(value, BINARY) };

export const perSecond: Unit = {
  format: (value) => {
    const text = scaled(value, THOUSANDS);
    return /[kMGT]$/.test(text) ? text + '/s' : text + SPACE + '/s';
  },
};

export const bytesPerSecond: Unit = { base: 1024, format: (value) => bytes.format(value) + '/s' };

// A share from 0 to 1.
export const percent: Unit = {
  format: (value) => {
    const hundredths = value * 100;
    if (hundredths > 0 && hundredths < 0.005) return '< 0.01' + SPACE + '%';
    return figures(hundredths) + SPACE + '%';
  },
};

export const seconds: Unit = {
  format: (value) => {
    if (value === 0) return '0' + SPACE + 's';
    if (Math.abs(value) >= 120) return span(value * 1000);
    return scaled(value, SHORT_TIMES);
  },
};

export const milliseconds: Unit = { format: (value) => seconds.format(value / 1000) };

export function written(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined || Number.isNaN(value) ? NONE : unit.format(value);
}

const SPANS = [[86_400, 'd', 3_600, 'h'], [3_600, 'h', 60, 'min'], [60, 'min', 1, 's']] as const;

// How long something lasts, in its two largest units: "3 d 4 h", "2 min 5 s", "12 s".
export function span(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  for (const [large, largeName, small, smallName] of SPANS) {
    if (total < large) continue;
    const rest = Math.floor((total % large) / small);
    const first = Math.floor(total / large) + SPACE + largeName;
    return rest > 0 ? first + ' ' + rest + SPACE + smallName : first;
  }
  return total + SPACE + 's';
}

interface ClockParts {
  date: string;
  time: string;
  ms: string;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function partsOf(unixMs: number, zone: Zone): ClockParts {
  const at = new Date(unixMs);
  // Shifted so that the parts of UTC are those of the zone.
  const shown = zone === 'utc' ? at : new Date(unixMs - at.getTimezoneOffset() * 60_000);
  const [date = '', rest = ''] = shown.toISOString().split('T');
  return { date, time: rest.slice(0, 8), ms: rest.slice(9, 12) };
}

export function clockTime(unixMs: number, zone: Zone): string {
  return partsOf(unixMs, zone).time;
}

export function clockTimeMs(unixMs: number, zone: Zone): string {
  const parts = partsOf(unixMs, zone);
  return `${parts.time}.${parts.ms}`;
}

export function dateTime(unixMs: number, zone: Zone): string {
  const parts = partsOf(unixMs, zone);
  return `${parts.date} ${parts.time}`;
}

export function offsetText(minutesBehindUtc: number): string {
  const minutes = Math.abs(minutesBehindUtc);
  const sign = minutesBehindUtc > 0 ? '−' : '+';
  return `UTC${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

// The zone as it is written in the header.
export function zoneText(zone: Zone, unixMs: number): string {
  if (zone === 'utc') return 'UTC';
  const offset = offsetText(new Date(unixMs).getTimezoneOffset());
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name && name !== 'UTC' ? `${name}, ${offset}` : offset;
}
