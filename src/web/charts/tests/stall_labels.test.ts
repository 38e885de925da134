import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_STALL_LABELS, stallLabels, type StallMark } from '../stall_labels';

const WARN_MS = 100;
const mark = (from: number, ms: number, to = from + 2): StallMark => ({ from, to, ms, width: 30 });
const labelled = (marks: StallMark[], laneWidth = 1000): number[] => stallLabels(marks, laneWidth, WARN_MS).map((one) => one.mark);

test('a stall that stands alone says how long it was', () => {
  assert.deepEqual(stallLabels([mark(100, 5)], 1000, WARN_MS), [{ x: 121, width: 30, rank: 5, mark: 0 }]);
});

test('dense stalls have no labels, and nor has the edge of a crowd', () => {
  assert.deepEqual(labelled(Array.from({ length: 40 }, (_, index) => mark(100 + 10 * index, 5))), []);
  assert.deepEqual(labelled([mark(100, 5), mark(110, 9), mark(300, 5)]), [2]);
});

test('one worth a warning has its label on the side that has room', () => {
  const crowd = [mark(100, 5), mark(110, 200)];
  assert.equal(stallLabels(crowd, 1000, WARN_MS)[0]?.x, 112 + 4 + 15);
  assert.equal(stallLabels([mark(100, 200), mark(110, 5)], 1000, WARN_MS)[0]?.x, 100 - 4 - 15);
  assert.deepEqual(labelled([mark(100, 5), mark(110, 200), mark(120, 5)]), []);
});

test('at the right end of the lane the label stands on the left', () => {
  assert.equal(stallLabels([mark(990, 5)], 1000, WARN_MS)[0]?.x, 990 - 4 - 15);
});

test('no label lies over a mark or another label, and the longest have theirs', () => {
  const marks = Array.from({ length: 300 }, (_, index) => mark(index * 37 + ((index * 13) % 29), (index * 7) % 150)).map(
    (one, index) => (index % 50 === 0 ? { ...one, to: one.from + 90 } : one));
  const labels = stallLabels(marks, 11_100, WARN_MS);
  assert.ok(labels.length > 0 && labels.length <= MOST_STALL_LABELS);
  for (const { x, width } of labels) {
    assert.ok(marks.every(({ from, to }) => to <= x - width / 2 || from >= x + width / 2), `over a mark at ${x}`);
    const others = labels.filter((other) => other.x !== x);
    assert.ok(others.every((other) => Math.abs(other.x - x) >= width), `over a label at ${x}`);
  }
});
