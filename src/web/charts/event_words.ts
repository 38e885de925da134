// What an event is called, in one line and as the rows of its detail.
import type { GcEvent } from '../data/seam';
import { clockText, fullTimeText, windowText } from './clock';
import type { Range, TimelineEvent, Zone } from './types';
import { countText, durationText, plural, sizeText, UNKNOWN } from './words';

const MOST_ARRIVALS = 5;

export const KIND_TEXT: Record<TimelineEvent['kind'], string> = {
  gc: 'garbage collection',
  stall: 'loop stall',
  overload: 'overload',
  connections: 'burst of connections',
  target: 'target',
  capture: 'capture',
  lost: 'hole: events lost',
};

// How long it lasted, null where that is not known or means nothing.
export function lengthMs(event: TimelineEvent): number | null {
  switch (event.kind) {
    case 'gc':
      return event.pause_ms;
    case 'stall':
      return event.busy_ms;
    case 'lost':
      return event.until_unix_ms - event.unix_ms;
    default:
      return null;
  }
}

export function shortText(event: TimelineEvent, zone: Zone): string {
  return `${clockText(event.unix_ms, zone)} ${whatText(event)}`;
}

function whatText(event: TimelineEvent): string {
  switch (event.kind) {
    case 'gc':
      return `garbage collection, ${event.world_stopped === false ? 'concurrent, ' : ''}pause ${durationText(event.pause_ms)}`;
    case 'stall':
      return `loop ${event.system} stalled for ${durationText(event.busy_ms)}`;
    case 'overload':
      return `${event.server} turned away ${plural(event.count, 'request')}`;
    case 'connections':
      return `${event.system}: ${countText(event.opened)} connections opened, ${countText(event.closed)} closed`;
    case 'target':
      return `process ${event.pid} ${event.what}`;
    case 'capture':
      return `capture by rule ${event.rule}`;
    case 'lost':
      return `${plural(event.count, 'event')} lost (${causeText(event.cause)})`;
  }
}

// Beside columns that tell its kind and how long it lasted.
export function tableText(event: TimelineEvent): string {
  if (event.kind !== 'gc') return whatText(event);
  const concurrent = event.world_stopped === false ? ', nobody stopped' : '';
  return `${event.reason ?? 'reason not known'}${concurrent}, heap ${sizeText(event.used_before)} to ${sizeText(event.used_after)}`;
}

const causeText = (cause: string): string => cause.replace(/_/g, ' ');

export type Row = [name: string, value: string];

export function detailRows(event: TimelineEvent, zone: Zone): Row[] {
  const rows: Row[] = [
    ['Sequence', String(event.seq)],
    ['Kind', KIND_TEXT[event.kind]],
    ['UTC', fullTimeText(event.unix_ms, 'utc')],
    ['Local time', fullTimeText(event.unix_ms, 'local')],
  ];
  if (event.kind === 'gc') return rows.concat(gcRows(event));
  rows.push(['What', whatText(event)]);
  if (event.kind === 'stall') rows.push(['System', event.system], ['Busy', durationText(event.busy_ms)]);
  if (event.kind === 'overload') rows.push(['Server', `${event.server}, port ${event.port}`]);
  if (event.kind === 'capture') rows.push(['Capture', String(event.id)], ['Rule', event.rule]);
  if (event.kind === 'lost') rows.push(['Until', clockText(event.until_unix_ms, zone)]);
  return rows;
}

function gcRows(event: GcEvent): Row[] {
  return [
    ['Reason', event.reason ?? UNKNOWN],
    ['World stopped', event.world_stopped === null ? UNKNOWN : event.world_stopped ? 'yes' : 'no'],
    ['Pause', durationText(event.pause_ms)],
    ['To safe point', durationText(event.safepoint_ms)],
    ['Heap before', sizeText(event.used_before)],
    ['Heap after', sizeText(event.used_after)],
    ['Reclaimed', sizeText(event.reclaimed)],
    ['Requests hit', countText(event.requests_hit)],
    ['Last to arrive', event.last_thread ? threadText(event.last_thread) : UNKNOWN],
    ['Arrivals', arrivalsText(event)],
  ];
}

const threadText = (thread: { tid: number; name: string }): string =>
  thread.name ? `${thread.name} (${thread.tid})` : `thread ${thread.tid}`;

// The last ones, since they are what the others waited for.
function arrivalsText(event: GcEvent): string {
  if (event.arrivals.length === 0) return UNKNOWN;
  const latest = [...event.arrivals].sort((a, b) => b.after_ms - a.after_ms);
  const texts = latest
    .slice(0, MOST_ARRIVALS)
    .map((arrival) => `${threadText(arrival)} after ${durationText(arrival.after_ms)}`);
  const more = latest.length - texts.length;
  return texts.join(', ') + (more > 0 ? `, and ${more} earlier` : '');
}

// The whole of a window in a sentence or two, for who can't see it.
export function summaryText(events: readonly TimelineEvent[], range: Range, zone: Zone): string {
  let longest: GcEvent | null = null;
  const counts = { gc: 0, stall: 0, lost: 0 };
  for (const event of events) {
    if (event.unix_ms < range.fromMs || event.unix_ms > range.toMs) continue;
    if (event.kind === 'stall') counts.stall++;
    if (event.kind === 'lost') counts.lost += event.count;
    if (event.kind !== 'gc') continue;
    counts.gc++;
    if ((event.pause_ms ?? -1) > (longest?.pause_ms ?? -1)) longest = event;
  }
  const parts = [plural(counts.gc, 'collection')];
  if (longest) parts.push(`longest pause ${durationText(longest.pause_ms)} at ${clockText(longest.unix_ms, zone)}`);
  parts.push(plural(counts.stall, 'loop stall'));
  if (counts.lost > 0) parts.push(`${plural(counts.lost, 'event')} lost`);
  return `${windowText(range.toMs - range.fromMs)}: ${parts.join(', ')}`;
}
