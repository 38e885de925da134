// Page and exporter: one that stops, starts again, hangs, and many tabs at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newProfile, openTab, withTab } from '../support/browser.mjs';
import { Exporter } from '../support/exporter.mjs';
import { Minivalk } from '../support/minivalk.mjs';
import { until } from '../support/until.mjs';

const REFUSED = /Failed to load resource: net::ERR_/; // chromium's own words for an exporter that is gone

test('a restarted exporter is found within seconds, and nothing of the old one stays', async () => {
  const minivalk = await Minivalk.start();
  const args = ['--pid', String(minivalk.pid)];
  const first = await Exporter.watching(args);
  await withTab(first.page, async (view) => {
    view.guard.allow(REFUSED);
    await view.ready();
    await view.goTo('gc');
    await minivalk.collect(5);
    await until('the collections are there', async () => (await view.collectionsInTimeline()) === 5 || null);
    await first.end();
    await view.comesToSay(/The exporter was stopped/);
    await holdCountdown(view);
    const second = await Exporter.start(args, first.port);
    await view.becomes('live', 5_000);
    await until('no event of the old one is shown', async () => (await view.collectionsInTimeline()) === 0 || null, 3_000);
    await minivalk.collect(1);
    await until('those of the new one are', async () => (await view.collectionsInTimeline()) === 1 || null);
    const [event] = await view.walkTimeline(1);
    assert.equal(event.Sequence, String((await second.events('gc'))[0].seq));
    await second.end();
  });
  await minivalk.end();
});

async function holdCountdown(view) {
  const seconds = async () => Number(/trying again in (\d+) s/.exec((await view.verdict()).reason)?.[1] ?? -1);
  const seen = new Set();
  await until('the countdown goes on', async () => {
    seen.add(await seconds());
    return seen.size >= 2 || null;
  });
  assert.ok(await view.page.getByRole('button', { name: 'Try now' }).isVisible());
  assert.match(await view.page.locator('.page').evaluate((page) => getComputedStyle(page).filter), /grayscale/);
  assert.match((await view.verdict()).reason, /all numbers are of \d\d:\d\d:\d\d/);
}

test('a killed exporter does not answer; one that hangs is stale', async () => {
  const minivalk = await Minivalk.start();
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid)]);
  await withTab(exporter.page, async (view) => {
    view.guard.allow(REFUSED);
    await view.ready();
    exporter.signal('SIGSTOP');
    await view.becomes('stale');
    await view.comesToSay(/No data for \d/);
    exporter.signal('SIGCONT');
    await view.becomes('live');
    await exporter.end('SIGKILL');
    await view.comesToSay(/The exporter does not answer/);
  });
  await minivalk.end();
});

// A browser opens six connections to a host, for all of its tabs: seven open streams would be one
// tab that never gets even its HTML.
test('seven tabs load, six of them hidden', async () => {
  const minivalk = await Minivalk.start();
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid)]);
  const context = await newProfile();
  const views = [];
  for (let i = 0; i < 6; i++) {
    const view = await openTab(context, exporter.page);
    await view.ready();
    await setVisible(view, false);
    views.push(view);
  }
  await Promise.all(views.map((view) => view.becomes('hidden', 15_000)));
  const seventh = await openTab(context, exporter.page);
  await seventh.ready();
  await setVisible(seventh, false);
  await setVisible(views[0], true);
  await views[0].ready();
  for (const view of [...views, seventh]) await view.guard.check();
  await context.close();
  await exporter.end();
  await minivalk.end();
});

// A headless browser shows all of its tabs, and what drives it keeps it so.
function setVisible(view, visible) {
  return view.page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, visible ? 'visible' : 'hidden');
}
