import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSlots, placeLabels, thinLine, timeOf, xOf } from '../slots';

interface Event {
  at: number;
  ms: number | null;
}

const fill = (events: Event[], fromMs: number, toMs: number, width: number) =>
  fillSlots(events, { fromMs, toMs, width }, 4, (event) => event.at, (event) => event.ms);

test('places and times are each other reversed', () => {
  const lane = { fromMs: 1000, toMs: 61_000, width: 300 };
  assert.equal(xOf(31_000, lane), 150);
  assert.equal(timeOf(150, lane), 31_000);
});

test('a slot shows its longest event and counts all', () => {
  const slots = fill([{ at: 10, ms: 1 }, { at: 11, ms: 9 }, { at: 12, ms: 3 }, { at: 50, ms: null }], 0, 100, 40);
  assert.deepEqual(slots.map(({ count, longest }) => ({ count, longest })), [
    { count: 3, longest: 1 },
    { count: 1, longest: 3 },
  ]);
});

test('events outside of the window are left out', () => {
  assert.equal(fill([{ at: -1, ms: 1 }, { at: 101, ms: 1 }], 0, 100, 40).length, 0);
});

test('a window that moves on keeps neighbours together', () => {
  const events = Array.from({ length: 500 }, (_, index) => ({ at: 1_000_000 + index * 37, ms: (index * 7) % 91 }));
  const members = (shift: number) =>
    fill(events, 1_000_000 - 5000 + shift, 1_020_000 + shift, 800).map((slot) => `${slot.longest}×${slot.count}`);
  const before = members(0);
  for (const shift of [13, 250, 777]) assert.deepEqual(members(shift), before);
});

test('10,000 events lose nobody', () => {
  const events = Array.from({ length: 10_000 }, (_, index) => ({ at: index, ms: index % 100 }));
  const slots = fill(events, 0, 10_000, 700);
  assert.equal(slots.reduce((sum, slot) => sum + slot.count, 0), 10_000);
  assert.ok(slots.length <= 176);
  for (const slot of slots) assert.ok(slot.x >= -4 && slot.x <= 700);
});

test('labels stand where they touch no other, the higher first', () => {
  const labels = [
    { x: 10, width: 20, rank: 1 },
    { x: 15, width: 20, rank: 5 },
    { x: 60, width: 20, rank: 1 },
    { x: 99, width: 20, rank: 9 },
  ];
  assert.deepEqual(placeLabels(labels, 100, 10), [1, 2]);
  assert.deepEqual(placeLabels(labels, 100, 1), [1]);
});

test('a thinned line keeps extremes, ends and gaps of each pixel', () => {
  const x: number[] = [];
  const y: (number | null)[] = [];
  for (let index = 0; index < 10_000; index++) {
    x.push(index / 100);
    y.push(index === 4321 ? 999 : index === 7777 ? null : index === 7778 ? -5 : 10);
  }
  const thin = thinLine({ x, y });
  assert.ok(thin.x.length <= 500, String(thin.x.length));
  assert.ok(thin.y.includes(999) && thin.y.includes(null) && thin.y.includes(-5));
  assert.deepEqual([...thin.x].sort((a, b) => a - b), thin.x);
});

test('a line of few points stays as it is', () => {
  const line = { x: [0, 1, 2], y: [1, null, 3] };
  assert.deepEqual(thinLine(line), line);
});
