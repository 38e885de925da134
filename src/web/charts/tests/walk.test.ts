import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hit, step } from '../walk';

test('keys walk and stop at the ends', () => {
  assert.equal(step('ArrowLeft', 3, 5), 2);
  assert.equal(step('ArrowLeft', 0, 5), 0);
  assert.equal(step('ArrowRight', 4, 5), 4);
  assert.equal(step('PageDown', 1, 50), 11);
  assert.equal(step('Home', 3, 5), 0);
  assert.equal(step('End', 3, 5), 4);
});

test('the first key goes to what is newest', () => {
  for (const key of ['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown']) assert.equal(step(key, -1, 5), 4);
});

test('other keys and empty lists lead nowhere', () => {
  assert.equal(step('a', 3, 5), null);
  assert.equal(step('ArrowLeft', -1, 0), null);
});

const target = (from: number, to: number, length: number) => ({ from, to, length });

test('a pointer means the longest mark within its reach', () => {
  assert.equal(hit([target(10, 13, 5), target(14, 17, 80), target(18, 21, 9)], 12), 1);
});

test('or else the nearest that is not far away', () => {
  assert.equal(hit([target(10, 13, 5), target(50, 53, 80)], 40), 1);
  assert.equal(hit([target(10, 13, 5)], 400), -1);
  assert.equal(hit([], 0), -1);
});

test('a pointer within a long mark is on it', () => {
  assert.equal(hit([target(10, 300, 5), target(400, 403, 80)], 200), 0);
});
