import assert from 'node:assert/strict';
import test from 'node:test';
import type { TargetDocument } from '../data/seam';
import { targetName, Targets } from '../data/targets';

const doc = (name: string, pid: number, up = true): TargetDocument => ({ process: { name, pid, up } });

test('the first that is up is shown, until one is chosen', () => {
  const targets = new Targets(null);
  targets.update([doc('a', 1, false), doc('b', 2)], 1000);
  assert.equal(targets.chosen()?.process, 'b');
  targets.choose('a');
  assert.equal(targets.chosen()?.process, 'a');
});

test('one that is not there yet is waited for', () => {
  const targets = new Targets('late');
  targets.update([doc('a', 1)], 1000);
  assert.equal(targets.chosen()?.process, 'a');
  targets.update([doc('a', 1), doc('late', 2)], 2000);
  assert.equal(targets.chosen()?.process, 'late');
});

test('an end is dated, and a new process of the name takes it back', () => {
  const targets = new Targets(null);
  targets.update([doc('a', 1)], 1000);
  targets.update([doc('a', 1, false)], 2000);
  targets.update([doc('a', 1, false)], 3000);
  assert.equal(targets.chosen()?.endedMs, 2000);
  targets.note({ seq: 1, kind: 'target', what: 'ended', pid: 1, process: 'a', unix_ms: 1900 });
  assert.equal(targets.chosen()?.endedMs, 1900);
  targets.update([doc('a', 5)], 4000);
  assert.deepEqual([targets.chosen()?.endedMs, targets.chosen()?.pid], [null, 5]);
});

test('who is no longer told of goes, but for the one that is looked at', () => {
  const targets = new Targets('a');
  targets.update([doc('a', 1), doc('b', 2)], 1000);
  targets.update([], 2000);
  assert.deepEqual(targets.list().map((target) => [target.process, target.up]), [['a', false]]);
});

test('a process without a name is called by its pid', () => {
  assert.equal(targetName({ process: '', pid: 7 }), 'process 7');
  assert.equal(targetName({ process: '<script>', pid: 7 }), '<script>');
});
