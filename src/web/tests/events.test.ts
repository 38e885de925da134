import assert from 'node:assert/strict';
import test from 'node:test';
import { EventLog, KEPT_EVENTS } from '../data/events';
import { marksOf } from '../data/marks';
import type { GcEvent } from '../data/seam';

const gc = (seq: number, unixMs = seq * 10, pauseMs = 1): GcEvent => ({
  seq, process: '', kind: 'gc', unix_ms: unixMs, cycle: seq, heap: 0, reason: null, world_stopped: true, safepoint_ms: null,
  pause_ms: pauseMs, used_before: null, used_after: null, total: null, reclaimed: null, trigger: null, requests_hit: null,
  last_thread: null, arrivals: [],
});

test('what came before comes but once', () => {
  const log = new EventLog();
  assert.ok(log.add(gc(1)));
  assert.ok(log.add(gc(3)));
  assert.ok(!log.add(gc(3)));
  assert.ok(!log.add(gc(2)));
  assert.deepEqual(log.of('').map((event) => event.seq), [1, 3]);
});

test('10,000 events keep the newest, in order, and count the others', () => {
  const log = new EventLog();
  for (let i = 1; i <= 10_000; i++) log.add(gc(i));
  const kept = log.of('');
  assert.ok(kept.length >= KEPT_EVENTS && kept.length <= KEPT_EVENTS + 512);
  assert.equal(kept.length + log.dropped, 10_000);
  assert.ok(kept.every((event, i) => i === 0 || event.seq === (kept[i - 1]?.seq ?? 0) + 1));
});

test('what is older than any chart goes', () => {
  const log = new EventLog();
  for (let i = 1; i <= 5; i++) log.add(gc(i));
  log.forgetBefore(35);
  assert.deepEqual(log.of('').map((event) => event.seq), [4, 5]);
  log.forgetBefore(1000);
  assert.equal(log.of('').length, 0);
});

test('after a reset old numbers count again', () => {
  const log = new EventLog();
  log.add(gc(9));
  log.clear();
  assert.ok(log.add(gc(1)));
});

test('collections that would be one line are one, the longest', () => {
  const events = [gc(1, 1000, 2), gc(2, 1001, 30), gc(3, 1002, 1), gc(4, 50_000, 4)];
  const marks = marksOf(events, { fromMs: 0, toMs: 60_000 });
  assert.deepEqual(marks.map((mark) => mark.label.replace(/\u00a0/g, ' ')), ['GC 30 ms, the longest of 3', 'GC 4 ms']);
  assert.equal(marks[0]?.unixMs, 1001);
});
