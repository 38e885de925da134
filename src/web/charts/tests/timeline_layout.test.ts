import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneAt, layoutOf, MOST_STALL_ROWS, OTHER_SYSTEMS, rowOf, stallRows } from '../timeline_layout';
import type { TimelineEvent } from '../types';

const stall = (system: string): TimelineEvent => ({ seq: 1, process: '', kind: 'stall', unix_ms: 0, system, busy_ms: 1 });

test('lanes lie below each other without touching', () => {
  const layout = layoutOf(800, ['main', 'metrics']);
  const boxes = [layout.flags, layout.pause, layout.safepoint, layout.heap, ...layout.stalls, layout.axis];
  boxes.forEach((box, index) => {
    const next = boxes[index + 1];
    if (next) assert.ok(box.top + box.height <= next.top);
    else assert.equal(box.top + box.height, layout.height);
  });
});

test('systems of the page come first, then those of events, then all others', () => {
  assert.deepEqual(stallRows(['main'], [stall('x'), stall('main')]), ['main', 'x']);
  assert.deepEqual(stallRows([], []), ['']);
  const many = stallRows(Array.from({ length: 9 }, (_, index) => `s${index}`), []);
  assert.equal(many.length, MOST_STALL_ROWS);
  assert.equal(many[MOST_STALL_ROWS - 1], OTHER_SYSTEMS);
  assert.equal(rowOf('s8', layoutOf(800, many)), MOST_STALL_ROWS - 1);
});

test('a pointer is in the lane that it is over', () => {
  const layout = layoutOf(800, ['main']);
  assert.equal(laneAt(3, layout), 'flags');
  assert.equal(laneAt(layout.pause.top + 5, layout), 'pause');
  assert.equal(laneAt(layout.safepoint.top + 5, layout), 'pause');
  assert.equal(laneAt(layout.heap.top + 5, layout), 'heap');
  assert.equal(laneAt(layout.axis.top, layout), 'stall');
});
