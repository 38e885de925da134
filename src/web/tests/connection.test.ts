import assert from 'node:assert/strict';
import test from 'node:test';
import { Connection } from '../data/connection';
import type { ConnectionState, MessageLike, SourceLike } from '../data/connection';
import type { TimelineEvent } from '../data/seam';

class FakeSource implements SourceLike {
  readonly listeners = new Map<string, (message: MessageLike) => void>();
  closed = false;

  constructor(readonly url: string) {}

  addEventListener(kind: string, listener: (message: MessageLike) => void): void {
    this.listeners.set(kind, listener);
  }

  close(): void {
    this.closed = true;
  }

  say(kind: string, content: unknown = {}): void {
    this.listeners.get(kind)?.({ data: JSON.stringify(content) });
  }
}

function setUp() {
  const sources: FakeSource[] = [];
  const states: ConnectionState[] = [];
  const events: number[] = [];
  const resets: string[] = [];
  const asked: string[] = [];
  const clock = { ms: 0 };
  const answers: Record<string, unknown> = {};
  const connection = new Connection({
    open: (url) => {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
    get: async (url) => {
      asked.push(url);
      return answers[url.split('?')[0] ?? ''];
    },
    now: () => clock.ms,
    random: () => 0.5,
  }, {
    onHello: () => undefined, onSnapshot: () => undefined, onPolled: () => undefined,
    onReset: (reset) => resets.push(reset.epoch),
    onEvent: (event: TimelineEvent) => events.push(event.seq),
    onState: (state) => states.push(state),
  });
  const pass = (ms: number): void => {
    for (let at = 0; at < ms; at += 250) {
      clock.ms += 250;
      connection.tick();
    }
  };
  const last = (): FakeSource => sources[sources.length - 1] as FakeSource;
  const now = (): string => states[states.length - 1]?.is ?? '';
  connection.start();
  return { connection, sources, states, events, resets, asked, answers, pass, last, now };
}

const SNAPSHOT = { unix_ms: 1, targets: [] };

test('a snapshot makes it live; none for 3 s makes it stale, for 10 s gone', () => {
  const { last, pass, now } = setUp();
  assert.equal(now(), 'connecting');
  last().say('snapshot', SNAPSHOT);
  assert.equal(now(), 'live');
  pass(2750);
  assert.equal(now(), 'live');
  pass(500);
  assert.equal(now(), 'stale');
  last().say('snapshot', SNAPSHOT);
  assert.equal(now(), 'live');
  pass(10_500);
  assert.equal(now(), 'gone');
  assert.ok(last().closed);
});

test('it comes back after the last event that it has, ever more slowly', () => {
  const { sources, last, pass, now } = setUp();
  last().say('hello', { epoch: 'aa', next: 8, targets: [] });
  last().say('gc', { kind: 'gc', seq: 7 });
  last().say('error');
  assert.equal(now(), 'gone');
  pass(1000);
  assert.equal(sources.length, 2);
  assert.equal(last().url, 'events?since=aa-7');
  const tries: number[] = [];
  for (let i = 0; i < 7; i++) {
    last().say('error');
    const before: number = sources.length;
    let waited = 0;
    while (sources.length === before) {
      pass(250);
      waited += 250;
    }
    tries.push(waited);
  }
  assert.deepEqual(tries, [1000, 2000, 2000, 4000, 8000, 15_000, 15_000]);
});

test('an exporter of another epoch makes what was known void', () => {
  const { last, pass, resets, sources } = setUp();
  last().say('hello', { epoch: 'aa', next: 8, targets: [] });
  last().say('gc', { kind: 'gc', seq: 7 });
  last().say('bye');
  pass(1500);
  last().say('hello', { epoch: 'bb', next: 1, targets: [] });
  assert.deepEqual(resets, ['bb']);
  last().say('reset', { epoch: 'bb', first: 1, next: 3 });
  last().say('gc', { kind: 'gc', seq: 1 });
  last().say('error');
  pass(1500);
  assert.equal(sources[sources.length - 1]?.url, 'events?since=bb-1');
});

test('a hidden tab closes its stream after 10 s, and opens it again when it is looked at', () => {
  const { connection, last, pass, now, sources } = setUp();
  last().say('snapshot', SNAPSHOT);
  connection.visible(false);
  for (let i = 0; i < 9; i++) {
    pass(1000);
    last().say('snapshot', SNAPSHOT);
  }
  assert.equal(now(), 'live');
  pass(1250);
  assert.equal(now(), 'hidden');
  assert.ok(last().closed);
  pass(60_000);
  assert.equal(sources.length, 1);
  connection.visible(true);
  assert.equal(sources.length, 2);
  assert.ok(!last().closed);
});

test('looked at again within 10 s, it keeps its stream', () => {
  const { connection, last, pass, sources } = setUp();
  last().say('snapshot', SNAPSHOT);
  connection.visible(false);
  pass(2000);
  connection.visible(true);
  pass(500);
  assert.equal(sources.length, 1);
});

test('where all places are taken it polls, and tries for a place each 15 s', async () => {
  const { last, pass, now, asked, answers, events, sources } = setUp();
  answers['gc-events'] = { epoch: 'aa', first: 1, next: 3, lost: 0, events: [{ kind: 'gc', seq: 1 }, { kind: 'gc', seq: 2 }] };
  answers['metrics'] = { process: { name: '', pid: 1, up: true }, exporter: { taken_unix_ms: 5 } };
  last().say('busy');
  assert.equal(now(), 'busy');
  pass(250);
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(events, [1, 2]);
  pass(2250);
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(asked.filter((url) => url.startsWith('gc-events')), ['gc-events', 'gc-events?since=aa-2']);
  pass(13_000);
  assert.equal(sources.length, 2);
  assert.equal(now(), 'busy');
  last().say('snapshot', SNAPSHOT);
  assert.equal(now(), 'live');
});

test('half an event is a broken connection', () => {
  const { last, now } = setUp();
  last().listeners.get('snapshot')?.({ data: '{"unix_ms": 1, "targ' });
  assert.equal(now(), 'gone');
});

test('a source that was closed is not listened to', () => {
  const { sources, pass, now } = setUp();
  const first = sources[0] as FakeSource;
  first.say('error');
  pass(1000);
  first.say('snapshot', SNAPSHOT);
  assert.equal(now(), 'connecting');
});
