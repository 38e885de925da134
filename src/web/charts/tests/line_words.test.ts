import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartLabel, currentValue, cursorText, markText, tableRows } from '../line_words';
import type { LineSeries } from '../types';
import { AT } from './events';

const unit = { format: (value: number): string => `${value}/s` };
const x = Array.from({ length: 40 }, (_, index) => AT + index * 1000);
const series: LineSeries[] = [
  { label: '2xx', tone: 'tone-a', values: x.map((_, index) => index) },
  { label: '5xx', tone: 'tone-b', values: x.map(() => null) },
];
const window = { x, first: 10, last: 39 };
const range = { fromMs: AT, toMs: AT + 60_000 };

test('the label tells what is now and what was highest', () => {
  assert.equal(
    chartLabel('Requests', series, window, range, unit),
    'Requests, last 1 min: 2xx now 39/s, highest 39/s; 5xx now –, highest –',
  );
});

test('without lines or samples it waits', () => {
  assert.equal(chartLabel('Requests', [], window, range, unit), 'Requests: waiting for the first sample');
  assert.equal(chartLabel('Requests', series, { x, first: 0, last: -1 }, range, unit), 'Requests: waiting for the first sample');
});

test('a current value may be late by two seconds, not more', () => {
  assert.equal(currentValue([1, null, null], 2), 1);
  assert.equal(currentValue([1, null, null, null], 3), null);
});

test('the cursor tells its time and all values', () => {
  assert.equal(cursorText(AT, 3, series, unit, 'utc'), '14:02:11: 2xx 3/s, 5xx –');
});

test('the table has the last 25 rows of the window, newest first', () => {
  const rows = tableRows(series, window, unit, 'utc');
  assert.equal(rows.length, 25);
  assert.deepEqual(rows[0], ['14:02:50', '39/s', '–']);
  assert.equal(tableRows(series, { x, first: 38, last: 39 }, unit, 'utc').length, 2);
});

test('a mark at the cursor is named, else what the lines are', () => {
  const marks = [{ unixMs: AT + 5000, kind: 'gc' as const, label: 'GC 12 ms' }];
  assert.equal(markText(marks, range, AT + 5200), 'GC 12 ms');
  assert.equal(markText(marks, range, AT + 50_000), '│ GC');
  assert.equal(markText(marks, { fromMs: AT + 6000, toMs: AT + 9000 }, null), '');
});
