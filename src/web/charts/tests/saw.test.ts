import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sawTooth } from '../saw';
import { gc } from './events';

const range = { fromMs: 0, toMs: 10_000 };
const heap = { unixMs: [0, 1000, 2000, 20_000], used: [10, null, 30, 99], trigger: [] };

test('collections and samples are one line, in order of time', () => {
  const saw = sawTooth([gc(1, { unix_ms: 500, pause_ms: 20, used_before: 200, used_after: 50 })], heap, range);
  assert.deepEqual(saw.unixMs, [0, 500, 520, 1000, 2000]);
  assert.deepEqual(saw.used, [10, 200, 50, null, 30]);
});

test('a collection of several heaps says nothing of all of them', () => {
  const saw = sawTooth([gc(1, { unix_ms: 500 }), gc(2, { unix_ms: 600, heap: 1 })], heap, range);
  assert.deepEqual(saw.used, [10, null, 30]);
});

test('the line is broken where the target ends', () => {
  const ended = { seq: 3, process: '', kind: 'target', unix_ms: 1500, what: 'ended', pid: 1 } as const;
  assert.deepEqual(sawTooth([ended], { ...heap, used: [1, 2, 3, 4] }, range).used, [1, 2, null, 3]);
});

test('half-known collections give the half', () => {
  const saw = sawTooth([gc(1, { unix_ms: 500, used_before: null, pause_ms: null })], heap, range);
  assert.deepEqual(saw.used, [10, 100, null, 30]);
});
