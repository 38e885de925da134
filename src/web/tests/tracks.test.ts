import assert from 'node:assert/strict';
import test from 'node:test';
import { bucketGrowth, KEPT, Tracks } from '../data/tracks';
import type { TrackValues } from '../data/tracks';

const one = (value: number | null): Map<string, TrackValues> => new Map([['a', { values: { n: value } }]]);

test('a week of samples keeps ten minutes, and no more room than them', () => {
  const tracks = new Tracks();
  for (let i = 0; i < 10_000; i++) assert.ok(tracks.push(i * 1000, 0, one(i)));
  const { from, to, times } = tracks.stretch(0, Infinity);
  assert.ok(times.length >= KEPT && times.length < KEPT + 200);
  assert.equal(times[times.length - 1], 9_999_000);
  const values = tracks.values('a', 'n', from, to);
  assert.equal(values.length, times.length);
  assert.ok(values.every((value, i) => value * 1000 === times[i]));
});

test('time never runs backwards', () => {
  const tracks = new Tracks();
  assert.ok(tracks.push(2000, 0, one(1)));
  assert.ok(!tracks.push(2000, 0, one(2)));
  assert.ok(!tracks.push(1000, 0, one(2)));
});

test('a track that is not told of has gaps there', () => {
  const tracks = new Tracks();
  tracks.push(1000, 0, one(1));
  tracks.push(2000, 0, new Map());
  tracks.push(3000, 0, one(3));
  assert.deepEqual([...tracks.values('a', 'n', 0, 3)], [1, NaN, 3]);
  assert.deepEqual([...tracks.values('nobody', 'n', 0, 2)], [NaN, NaN]);
});

test('a stretch has one sample before its start, for its difference', () => {
  const tracks = new Tracks();
  for (let i = 1; i <= 5; i++) tracks.push(i * 1000, i < 4 ? 100 : 90_000, one(i));
  const { times, fresh } = tracks.stretch(3000, 5000);
  assert.deepEqual([...times], [2000, 3000, 4000, 5000]);
  assert.deepEqual([...fresh], [0, 0, 1, 0]);
});

test('buckets grow by differences, over a reset', () => {
  const tracks = new Tracks();
  const latency = (...cumulative: number[]): Map<string, TrackValues> =>
    new Map([['a', { values: {}, latency: { bounds: [1, 2], cumulative } }]]);
  tracks.push(1000, 0, latency(1, 2, 3));
  tracks.push(2000, 0, latency(2, 5, 7));
  tracks.push(3000, 0, latency(0, 0, 1));
  tracks.push(4000, 0, latency(0, 1, 2));
  const { from, to, fresh } = tracks.stretch(0, 5000);
  assert.deepEqual(bucketGrowth(tracks.track('a'), from, to, fresh), [1, 3, 1]);
  assert.equal(bucketGrowth(tracks.track('a'), 0, 1, fresh), null);
  assert.equal(bucketGrowth(undefined, from, to, fresh), null);
});
