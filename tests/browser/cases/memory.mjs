// A tab that stays open for a week has the memory of its first hour. The exporter's own answers are
// given again and again to a page that can't tell, a second each, faster than seconds pass.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newProfile, openTab } from '../support/browser.mjs';

const TEN_MINUTES = 600;
const COLLECTIONS_A_SECOND = 2;

export function memory(showcase) {
  test('ten minutes more take no more memory', async () => {
    const context = await newProfile();
    await context.addInitScript(replayStream);
    const view = await openTab(context, showcase().url);
    const { page } = view;
    const given = await recordings(showcase().exporter);
    const devtools = await context.newCDPSession(page);
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
    await page.evaluate(([recorded, seconds, rate]) => window.replay(recorded, seconds, rate), [given, TEN_MINUTES, COLLECTIONS_A_SECOND]);
    const before = await heap();
    await page.evaluate(([recorded, seconds, rate]) => window.replay(recorded, seconds, rate), [given, TEN_MINUTES, COLLECTIONS_A_SECOND]);
    const after = await heap();
    assert.ok(after < before * 1.2, `${before} bytes became ${after}`);
    assert.equal(await view.connection(), 'live');
    assert.ok((await view.collectionsInTimeline()) > 100); // it has really taken them
    await view.guard.check();
    await context.close();
  });
}

// A second and a collection as the exporter tells them.
async function recordings(exporter) {
  const stream = await fetch(`${exporter.url}/debug/events?since=0-0`);
  const found = {};
  let text = '';
  for await (const bytes of stream.body) {
    text += Buffer.from(bytes).toString();
    for (const [, event, data] of text.matchAll(/^event: (hello|snapshot|gc)\n(?:id: .*\n)?data: (.*)\n\n/gm)) found[event] = JSON.parse(data);
    if (found.hello && found.snapshot && found.gc) break;
  }
  return found;
}

// In the page: a stream that says what the test wants, and draws as the page always does.
function replayStream() {
  let source = null;
  window.EventSource = class extends EventTarget {
    constructor() {
      super();
      source = this;
    }

    close() {}
  };
  const say = (kind, content) => source.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(content) }));
  let unixMs = 0;
  let seq = 1_000_000;
  window.replay = async ({ hello, snapshot, gc }, seconds, rate) => {
    if (unixMs === 0) {
      unixMs = snapshot.unix_ms;
      say('hello', hello);
    }
    for (let i = 0; i < seconds; i++) {
      unixMs += 1_000;
      for (let k = 0; k < rate; k++) say('gc', { ...gc, seq: ++seq, unix_ms: unixMs - 900 + k });
      for (const { vm_metrics: vm } of snapshot.targets) if (vm?.gc) vm.gc.cycles_total += rate;
      say('snapshot', { ...snapshot, unix_ms: unixMs });
      if (i % 8 === 0) await new Promise((drawn) => requestAnimationFrame(drawn));
    }
  };
}
