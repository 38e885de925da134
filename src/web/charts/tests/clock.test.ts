import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockText, fullTimeText, timeTicks, windowText } from '../clock';

const AT = Date.UTC(2026, 1, 3, 14, 2, 11, 42);

test('times are of 24 hours, dates of ISO', () => {
  assert.equal(clockText(AT, 'utc'), '14:02:11');
  assert.equal(clockText(AT, 'utc', false), '14:02');
  assert.equal(fullTimeText(AT, 'utc'), '2026-02-03 14:02:11.042 UTC');
});

test('local times name their distance from UTC', () => {
  assert.match(fullTimeText(AT, 'local'), /^2026-02-0\d \d\d:\d\d:11\.042 UTC[+−]\d\d:\d\d$/);
});

test('ticks are round times within the window, no more than there is room for', () => {
  const { atMs, texts } = timeTicks(AT, AT + 600_000, 6, 'utc');
  assert.deepEqual(texts, ['14:04', '14:06', '14:08', '14:10', '14:12']);
  assert.ok(atMs.every((at) => at >= AT && at <= AT + 600_000));
});

test('ticks closer than a minute have seconds', () => {
  assert.deepEqual(timeTicks(AT, AT + 60_000, 4, 'utc').texts, ['14:02:15', '14:02:30', '14:02:45', '14:03:00']);
});

test('no window, no ticks', () => {
  assert.deepEqual(timeTicks(AT, AT, 5, 'utc').atMs, []);
  assert.deepEqual(timeTicks(AT, AT + 1000, 0, 'utc').atMs, []);
});

test('a window has a name', () => {
  assert.equal(windowText(300_000), 'last 5 min');
  assert.equal(windowText(90_000), 'last 90 s');
});
