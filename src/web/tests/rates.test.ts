import assert from 'node:assert/strict';
import test from 'node:test';
import { growth, meanRate, rates, slope, sumOf } from '../data/rates';

const stretch = (times: number[], fresh: number[] = []) => ({
  times: Float64Array.from(times), fresh: Uint8Array.from(times, (_, i) => (fresh.includes(i) ? 1 : 0)),
});
const values = (...all: number[]) => Float64Array.from(all);

test('there is no rate before two samples', () => {
  assert.deepEqual(rates(values(5), stretch([0])), [null]);
  assert.equal(meanRate(values(5), stretch([0])), null);
  assert.equal(growth(values(), stretch([])), null);
});

test('a rate is a difference by the time that really passed', () => {
  assert.deepEqual(rates(values(0, 10, 40), stretch([0, 1000, 3000])), [null, 10, 15]);
});

test('a counter that falls leaves one gap and never a negative rate', () => {
  assert.deepEqual(rates(values(100, 110, 3, 5), stretch([0, 1000, 2000, 3000])), [null, 10, null, 2]);
  assert.deepEqual(growth(values(100, 110, 3, 5), stretch([0, 1000, 2000, 3000])), { by: 12, seconds: 2 });
});

test('another process is a reset, also where its counter is higher', () => {
  assert.deepEqual(rates(values(10, 500, 501), stretch([0, 1000, 2000], [1])), [null, null, 1]);
});

test('an unknown sample makes its neighbours unknown, not 0', () => {
  assert.deepEqual(rates(values(0, NaN, 10, 20), stretch([0, 1000, 2000, 3000])), [null, null, null, 10]);
});

test('sums are known where any part is', () => {
  assert.deepEqual(sumOf([[1, null, null], [2, 3, null]]), [3, 3, null]);
  assert.deepEqual(sumOf([]), []);
});

test('a trend is the slope of the line that fits best', () => {
  assert.equal(slope(values(0, 2, 4, 6), Float64Array.from([0, 1000, 2000, 3000])), 2);
  assert.equal(slope(values(1, 2), Float64Array.from([0, 1000])), null);
});
