import assert from 'node:assert/strict';
import test from 'node:test';
import { alone, bucketed, percentile } from '../data/percentiles';
import { percentileText } from '../data/verdict';

const BOUNDS = [0.01, 0.1, 10];

test('a percentile is interpolated in its bucket', () => {
  assert.deepEqual(percentile([1, 2, 4], [0, 100, 0, 0], 0.5), { seconds: 1.5, beyond: false });
  assert.deepEqual(percentile([1, 2, 4], [10, 0, 0, 0], 0.5), { seconds: 0.5, beyond: false });
});

test('beyond the last bound it says so', () => {
  const found = percentile(BOUNDS, [0, 0, 1, 99], 0.99);
  assert.deepEqual(found, { seconds: 10, beyond: true });
  assert.equal(percentileText(found).replace(/\u00a0/g, ' '), '> 10 s');
});

test('of nothing there is none', () => {
  assert.equal(percentile(BOUNDS, [0, 0, 0, 0], 0.5), null);
  assert.equal(percentile([], [], 0.5), null);
});

test('cumulative counts become counts', () => {
  assert.deepEqual(alone([1, 3, 3, 10]), [1, 2, 0, 7]);
});

test('a value on a bound lies below it', () => {
  assert.deepEqual(bucketed([1, 2], [0.5, 1, 1.5, 3]), [2, 1, 1]);
});
