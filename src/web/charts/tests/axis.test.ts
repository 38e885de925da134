import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AxisTop, highest, isolated, LogScale, lowerBound, nearestIndex, niceTop, valueTicks } from '../axis';

test('niceTop is the next round number, and never less than what is needed', () => {
  assert.equal(niceTop(0), 1);
  assert.equal(niceTop(3), 4);
  assert.equal(niceTop(1001), 2000);
  assert.equal(niceTop(0.03), 0.04);
  assert.equal(niceTop(100), 100);
  for (let value = 1e-6; value < 1e12; value *= 1.37) {
    assert.ok(niceTop(value) >= value * (1 - 1e-9) && niceTop(value) <= value * 2.001, String(value));
  }
});

test('niceTop of sizes is a power of two or one and a half of it', () => {
  assert.equal(niceTop(0, { base: 1024 }), 1024);
  assert.equal(niceTop(200 * 2 ** 20, { base: 1024 }), 256 * 2 ** 20);
  assert.equal(niceTop(257 * 2 ** 20, { base: 1024 }), 384 * 2 ** 20);
});

test('what comes in ones has no quarters on its axis', () => {
  assert.equal(niceTop(1, { whole: true }), 4);
  assert.deepEqual(valueTicks(niceTop(0, { whole: true }), 4), [0, 1, 2, 3, 4]);
});

test('niceTop survives what is no number', () => {
  assert.equal(niceTop(NaN), 1);
  assert.equal(niceTop(Infinity), 1);
  assert.equal(niceTop(-3), 1);
});

test('valueTicks divide the axis into round steps, as many as there is room for', () => {
  assert.deepEqual(valueTicks(500, 9), [0, 100, 200, 300, 400, 500]);
  assert.deepEqual(valueTicks(500, 4), [0, 500]);
  assert.deepEqual(valueTicks(8, 4), [0, 2, 4, 6, 8]);
  assert.deepEqual(valueTicks(8, 3), [0, 4, 8]);
});

test('an axis grows at once and shrinks after 30 s, to the highest of these', () => {
  const axis = new AxisTop();
  assert.equal(axis.top(90, 0), 100);
  assert.equal(axis.top(150, 1000), 200);
  assert.equal(axis.top(10, 2000), 200);
  assert.equal(axis.top(35, 20_000), 200);
  assert.equal(axis.top(10, 30_999), 200);
  assert.equal(axis.top(10, 31_000), 40);
  assert.equal(axis.top(45, 31_500), 50);
});

test('an axis that is still needed at its height does not shrink', () => {
  const axis = new AxisTop();
  for (let second = 0; second < 300; second++) {
    assert.equal(axis.top(second % 20 === 0 ? 90 : 1, second * 1000), 100);
  }
});

test('an axis forgets with another window', () => {
  const axis = new AxisTop();
  axis.top(900, 0);
  axis.forget();
  assert.equal(axis.top(3, 1), 4);
});

test('LogScale maps decades evenly and keeps to its ends', () => {
  const scale = new LogScale(0.1, 1000);
  assert.equal(scale.share(0.1), 0);
  assert.equal(scale.share(0), 0);
  assert.equal(scale.share(NaN), 0);
  assert.ok(Math.abs(scale.share(10) - 0.5) < 1e-12);
  assert.equal(scale.share(5000), 1);
  assert.deepEqual(scale.decades(), [0.1, 1, 10, 100, 1000]);
});

test('highest looks only where it is told to, and past gaps', () => {
  assert.equal(highest([[1, null, 7], [3]], 0, 2), 3);
  assert.equal(highest([[null]]), 0);
});

test('isolated finds values without neighbours', () => {
  assert.deepEqual(isolated([1, null, 2, 3, null, 4, null], 0, 6), [0, 5]);
  assert.deepEqual(isolated([null, null], 0, 1), []);
});

test('lowerBound and nearestIndex', () => {
  assert.equal(lowerBound([1, 3, 5], 3), 1);
  assert.equal(lowerBound([1, 3, 5], 6), 3);
  assert.equal(nearestIndex([], 3), -1);
  assert.equal(nearestIndex([1, 3, 5], 3.9), 1);
  assert.equal(nearestIndex([1, 3, 5], 4.1), 2);
  assert.equal(nearestIndex([1, 3, 5], 99), 2);
  assert.equal(nearestIndex([1, 3, 5], -9), 0);
});
