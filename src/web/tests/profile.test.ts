import assert from 'node:assert/strict';
import test from 'node:test';
import { buttonText, flameGraphPath, newProfilePath, outcomeText, profileSeconds, refusalOf, waitText } from '../data/profile';
import type { ProfileState } from '../data/profile';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test('the address may say for how long', () => {
  assert.equal(profileSeconds('?profile=2&process=a'), 2);
  for (const search of ['', '?profile=', '?profile=0', '?profile=301', '?profile=x', '?profile=1.5']) assert.equal(profileSeconds(search), 10, search);
});

test('names of processes and profiles are parts of an address', () => {
  assert.equal(newProfilePath('a b&c', 10), 'profiles/new?seconds=10&process=a%20b%26c');
  assert.equal(newProfilePath('', 2), 'profiles/new?seconds=2');
  const [one, other] = [{ id: 'a-1', samples: 1, unix_ms: 1 }, { id: 'a-2', samples: 1, unix_ms: 2 }];
  assert.equal(flameGraphPath(other), 'profiles/a-2/flamegraph');
  assert.equal(flameGraphPath(other, one), 'profiles/a-2/flamegraph?compare=a-1');
});

test('the button says how far it is', () => {
  const taking: ProfileState = { is: 'taking', name: 'shop', seconds: 10, sinceMs: 1_000 };
  assert.equal(buttonText({ is: 'idle' }, 10, 0), 'Profile for 10 s');
  assert.equal(buttonText(taking, 10, 1_000), 'Profiling: 0 of 10 s');
  assert.equal(buttonText(taking, 10, 5_900), 'Profiling: 4 of 10 s');
  assert.equal(buttonText(taking, 10, 11_000), 'Profiling: finishing');
});

test('a refusal is told in words, with how long it lasts', () => {
  const busy = refusalOf('shop', 503, 'pid 12 is being profiled already, by one at a time; try again in 7 s\n', '7', 1_000);
  assert.equal(outcomeText(busy), 'shop was not profiled: pid 12 is being profiled already, by one at a time');
  assert.equal(plain(waitText(busy, 1_500)), 'free in 7 s at most');
  assert.equal(plain(waitText(busy, 7_500)), 'free in 1 s at most');
  assert.equal(waitText(busy, 8_000), 'it should be free by now');
  const gone = refusalOf('shop', 404, 'profile process "shop": it is not watched\n', null, 0);
  assert.equal(outcomeText(gone), 'shop was not profiled: it is not watched any more');
  assert.equal(waitText(gone, 0), '');
  assert.equal(outcomeText(refusalOf('shop', 500, '', null, 0)), 'shop was not profiled: the exporter answers 500');
});

test('a profile without samples says why', () => {
  const taken = (samples: number): ProfileState => ({ is: 'taken', name: 'shop', seconds: 10, earlier: null, profile: { id: '1', samples, unix_ms: 0 } });
  assert.equal(outcomeText(taken(1_234)), '1,234 samples of shop');
  assert.equal(outcomeText(taken(0)), 'no samples: shop did not run in those 10 s');
});
