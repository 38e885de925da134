import assert from 'node:assert/strict';
import test from 'node:test';
import type { Facts } from '../data/facts';
import { judge, THRESHOLDS } from '../data/thresholds';
import { findings, wellOf } from '../data/verdict';

const WELL: Facts = {
  connection: { is: 'live' }, nowMs: 100_000, name: 'web', up: true, endedMs: null, state: 'running', blocked: [],
  longestPauseMs: 4, pauseShare: 0.001, live: { part: 1, of: 10 }, errors: { part: 0, of: 1000 },
  clientErrors: { part: 1, of: 1000 }, p99: { seconds: 0.02, beyond: false }, busy: [], longestStall: null, pools: [],
  overhead: 0.001, detached: [], lost: 0,
};
const texts = (facts: Partial<Facts>): string[] =>
  findings({ ...WELL, ...facts }).map(({ severity, text }) => `${severity}: ${text}`.replace(/\u00a0/g, ' '));

test('where nothing is wrong it says what it looked at', () => {
  assert.deepEqual(texts({}), []);
  assert.equal(wellOf(WELL).text, 'web is well');
  assert.match(wellOf(WELL).reason, /1\s?k requests, 0 failed/);
});

test('the worst comes first, whatever is found first', () => {
  const all = texts({ longestPauseMs: 60, errors: { part: 20, of: 1000 } });
  assert.deepEqual(all, ['crit: A GC pause took 60 ms', 'warn: 2 % of the requests fail with 5xx']);
});

test('a few requests say nothing', () => {
  assert.deepEqual(texts({ errors: { part: 5, of: 10 }, p99: { seconds: 3, beyond: false } }), []);
});

test('what has ended is told of by that alone', () => {
  assert.deepEqual(texts({ up: false, endedMs: 40_000, longestPauseMs: 500 }), ['crit: web ended 1 min ago']);
});

test('a loop that stands is told of', () => {
  assert.deepEqual(texts({ blocked: [{ system: 'main', seconds: 12.2 }] }), ['crit: Loop main has not turned for 12 s']);
});

test('what is not known is not judged', () => {
  assert.deepEqual(texts({ longestPauseMs: null, pauseShare: null, live: null, errors: null, p99: null, overhead: null, lost: null }), []);
});

test('probes that cost too much are told of', () => {
  assert.deepEqual(texts({ detached: ['eval'] }), ['warn: Probes are off: eval']);
});

test('each threshold is judged from its own value on', () => {
  for (const { id, warn, crit } of THRESHOLDS) {
    assert.deepEqual([judge(id, warn * 0.99), judge(id, warn), judge(id, crit), judge(id, null)], ['ok', 'warn', 'crit', 'unknown'], id);
  }
});
