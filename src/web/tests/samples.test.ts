import assert from 'node:assert/strict';
import test from 'node:test';
import { History, MOST_CARDS } from '../data/history';
import { memberKey, PROCESS, sampleOfDocument, samplesOfHistory } from '../data/samples';
import type { HistoryAnswer, TargetDocument } from '../data/seam';

const LABELS = { server: '<script>', port: '80', protocol: 'http' };
const DOC: TargetDocument = {
  process: { name: 'web', pid: 1, up: true, start_unix_ms: 500, cpu_us_total: 2_000_000 },
  vm_metrics: { gc: { cycles_total: 3, pause_us_total: 1500, heap_used_bytes: null }, interpreter: { evals_total: 9 } },
  aio_systems: [{ name: 'main', loop: { iterations: 4, idle_time_us: 2_000_000 }, connections: { active: 1 } }],
  modular_metrics: {
    counters: [
      { name: 'http_requests_total', value: 5, labels: { ...LABELS, status: '2xx' } },
      { name: 'http_client_operations_total', value: 2, labels: { client: 'c', type: 'http' } },
      { name: 'of_the_application_total', value: 1, labels: {} },
    ],
    histograms: [{ name: 'http_request_duration_seconds', count: 3, sum: 0.5, labels: LABELS,
      buckets: [{ le: 0.1, count: 2 }, { le: 1, count: 0 }, { le: '+Inf', count: 1 }] }],
  },
};

test('a document becomes columns, and null stays unknown', () => {
  const sample = sampleOfDocument(DOC, 1000);
  const process = sample.tracks.get(PROCESS)?.values;
  assert.deepEqual([process?.['gc_cycles'], process?.['gc_pause_seconds'], process?.['heap_used'], process?.['cpu_seconds']], [3, 0.0015, null, 2]);
  assert.deepEqual(sample.servers, [{ key: memberKey('server', '<script>', '80', 'http'), labels: LABELS }]);
  const server = sample.tracks.get(sample.servers[0]?.key ?? '');
  assert.equal(server?.values['requests_2xx'], 5);
  assert.deepEqual(server?.latency, { bounds: [0.1, 1], cumulative: [2, 2, 3] });
  assert.equal(sample.clients.length, 1);
  assert.equal(sample.tracks.get(memberKey('system', 'main'))?.values['loop_idle_seconds'], 2);
});

test('the history tells the same under the same keys', () => {
  const answer: HistoryAnswer = {
    epoch: 'aa', process: 'web', interval_ms: 1000, unix_ms: [1000, 2000], columns: { gc_cycles: [1, null], start_unix_ms: [500, 500] },
    systems: [{ system: 'main', columns: { loop_iterations: [1, 2] } }],
    servers: [{ system: 'main', server: '<script>', port: 80, protocol: 'http', latency_bounds_s: [0.1, 1],
      latency_buckets: [[1, 1, 1], null], columns: { requests_2xx: [4, 5] } }],
    clients: [],
  };
  const samples = [...samplesOfHistory(answer)];
  assert.equal(samples.length, 2);
  assert.equal(samples[0]?.servers[0]?.key, sampleOfDocument(DOC, 1).servers[0]?.key);
  assert.equal(samples[1]?.tracks.get(PROCESS)?.values['gc_cycles'], null);
  assert.deepEqual(samples[0]?.tracks.get(samples[0].servers[0]?.key ?? '')?.latency?.cumulative, [1, 1, 1]);
});

test('of more servers than are drawn the busiest stay, and the others are counted', () => {
  const counters = Array.from({ length: 80 }, (_, i) => (
    { name: 'http_requests_total', value: i, labels: { server: 's', port: String(i), protocol: 'http', status: '2xx' } }));
  const history = new History();
  history.take({ ...DOC, modular_metrics: { counters } }, 1000);
  assert.deepEqual([history.servers.shown.length, history.servers.leftOut], [MOST_CARDS, 16]);
  assert.ok(history.servers.shown.every(({ labels }) => Number(labels['port']) >= 16));
});

test('a hole in the samples is a hole in the columns', () => {
  const history = new History();
  history.take(DOC, 1000);
  history.take(DOC, 60_000);
  const { from, to, times } = history.tracks.stretch(0, 100_000);
  assert.deepEqual([...times], [1000, 2000, 60_000]);
  assert.deepEqual([...history.tracks.values(PROCESS, 'gc_cycles', from, to)], [3, NaN, 3]);
});
