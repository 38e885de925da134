import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketText, shareOf, shownBuckets, stack } from '../bars';
import { sparkPath } from '../spark_path';

const plain = (text: string): string => text.replace(/\u00a0/g, ' ');

test('buckets are named by what is in them', () => {
  const bounds = [0.0005, 0.001, 0.005, 1];
  const names = [0, 1, 2, 3, 4].map((bucket) => plain(bucketText(bounds, bucket)));
  assert.deepEqual(names, ['≤ 500 µs', '500 µs to 1 ms', '1 to 5 ms', '5 ms to 1 s', '> 1 s']);
  assert.equal(bucketText([], 0), 'all');
});

test('few buckets have all their rows', () => {
  assert.deepEqual(shownBuckets([0, 0, 5], null), [0, 2]);
});

test('of many, those with something, and no fewer than before', () => {
  const counts = Array.from({ length: 17 }, (_, index) => (index === 14 ? 1 : 0));
  assert.deepEqual(shownBuckets(counts, null), [4, 14]);
  assert.deepEqual(shownBuckets(counts, [2, 12]), [2, 14]);
});

test('a stacked bar fills its width, and unknown parts take none', () => {
  const part = (value: number | null) => ({ label: '', value, tone: 'ok' as const });
  assert.deepEqual(stack([part(1), part(null), part(3)]), [
    { from: 0, width: 0.25 }, { from: 0.25, width: 0 }, { from: 0.25, width: 0.75 },
  ]);
  assert.deepEqual(stack([part(0), part(null)]).map((share) => share.width), [0, 0]);
});

test('a share that cannot be known is none', () => {
  assert.equal(shareOf(null, 3), null);
  assert.equal(shareOf(1, 0), null);
  assert.equal(shareOf(5, 4), 1);
});

test('a sparkline has its gaps, and a dot for what stands alone', () => {
  assert.equal(sparkPath([0, 10, null, 5], 10, 30, 12), 'M0 11L10 1M30 6h0.01');
  assert.equal(sparkPath([], 10, 30, 12), '');
  assert.equal(sparkPath([null], 1, 30, 12), '');
});
