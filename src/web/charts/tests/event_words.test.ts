import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailRows, lengthMs, shortText, summaryText, tableText } from '../event_words';
import type { TimelineEvent } from '../types';
import { AT, gc, lost } from './events';

const plain = (text: string): string => text.replace(/\u00a0/g, ' ');
const rows = (event: TimelineEvent): Record<string, string> =>
  Object.fromEntries(detailRows(event, 'utc').map(([name, value]) => [name, plain(value)]));

test("a collection's detail has everything, with units", () => {
  const detail = rows(gc(17));
  assert.equal(detail['Sequence'], '17');
  assert.equal(detail['UTC'], '2026-02-03 14:02:11.042 UTC');
  assert.ok(detail['Local time']);
  assert.equal(detail['Kind'], 'garbage collection');
  assert.equal(detail['Reason'], 'threshold');
  assert.equal(detail['Pause'], '12.5 ms');
  assert.equal(detail['To safe point'], '400 µs');
  assert.equal(detail['Heap before'], '200 B');
  assert.equal(detail['Heap after'], '100 B');
  assert.equal(detail['Reclaimed'], '100 B');
  assert.equal(detail['Last to arrive'], 'worker (7)');
  assert.equal(detail['Requests hit'], '3');
});

test('what is not known is a dash, never 0', () => {
  const detail = rows(gc(1, {
    reason: null, world_stopped: null, pause_ms: null, safepoint_ms: null, used_before: null,
    used_after: null, reclaimed: null, requests_hit: null, last_thread: null,
  }));
  for (const name of ['Reason', 'World stopped', 'Pause', 'To safe point', 'Heap before', 'Heap after',
    'Reclaimed', 'Requests hit', 'Last to arrive', 'Arrivals']) assert.equal(detail[name], '–', name);
});

test('of many arrivals the last are told, and how many there were before', () => {
  const arrivals = Array.from({ length: 9 }, (_, index) => ({ tid: index, name: `t${index}`, after_ms: index + 1 }));
  const text = rows(gc(1, { arrivals }))['Arrivals'] ?? '';
  assert.ok(text.startsWith('t8 (8) after 9 ms, t7 (7)'), text);
  assert.ok(text.endsWith('and 4 earlier'), text);
});

test('every kind has its words', () => {
  const base = { seq: 1, process: '', unix_ms: AT };
  const events: TimelineEvent[] = [
    { ...base, kind: 'stall', system: 'main', busy_ms: 1500 },
    { ...base, kind: 'overload', server: '<script>', port: 80, count: 1 },
    { ...base, kind: 'connections', system: 'main', opened: 120, closed: 0 },
    { ...base, kind: 'target', what: 'ended', pid: 42 },
    { ...base, kind: 'capture', id: 3, rule: 'gc_pause > 50ms' },
    lost(1, 12),
  ];
  const texts = events.map((event) => plain(shortText(event, 'utc')));
  assert.deepEqual(texts, [
    '14:02:11 loop main stalled for 1.5 s',
    '14:02:11 <script> turned away 1 request',
    '14:02:11 main: 120 connections opened, 0 closed',
    '14:02:11 process 42 ended',
    '14:02:11 capture by rule gc_pause > 50ms',
    '14:02:11 12 events lost (ring full)',
  ]);
  for (const event of events) assert.ok(detailRows(event, 'utc').length >= 5);
  assert.deepEqual(events.map(lengthMs), [1500, null, null, null, null, 5]);
});

test('in a table a collection tells why and what it freed', () => {
  assert.equal(plain(tableText(gc(1, { world_stopped: false }))), 'threshold, nobody stopped, heap 200 B to 100 B');
});

test('the summary counts what is in the window', () => {
  const events = [gc(1, { unix_ms: AT - 1e6, pause_ms: 900 }), gc(2), gc(3, { pause_ms: 40 }), lost(4, 12)];
  const text = plain(summaryText(events, { fromMs: AT - 300_000, toMs: AT }, 'utc'));
  assert.equal(text, 'last 5 min: 2 collections, longest pause 40 ms at 14:02:11, 0 loop stalls, 12 events lost');
});
