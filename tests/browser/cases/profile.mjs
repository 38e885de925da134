// Profiles: those that a reader takes by the button, and those that captures have.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTab, withTab } from '../support/browser.mjs';
import { Exporter } from '../support/exporter.mjs';
import { Minivalk } from '../support/minivalk.mjs';
import { scratch, screenshots } from '../support/places.mjs';
import { until } from '../support/until.mjs';
import { View } from '../support/view.mjs';

const SCRIPT = '(define (spin-shop n) (if (< n 2) n (+ (spin-shop (- n 1)) (spin-shop (- n 2)))))\n';

// A runtime that computes without a rest until it is ended, and its exporter.
async function withBusy(args, use) {
  const script = join(scratch, 'shop.valk');
  writeFileSync(script, SCRIPT);
  const minivalk = await Minivalk.start(['--script', script]);
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid), ...args]);
  let isBusy = true;
  const busy = (async () => { while (isBusy) await minivalk.ask('eval (spin-shop 22)'); })().catch(() => {});
  const rest = async () => {
    isBusy = false;
    await busy;
  };
  try {
    await use({ minivalk, exporter, rest });
  } finally {
    await rest();
    await exporter.end();
    await minivalk.end();
  }
}

const words = async (view, selector) => (await view.text(selector)).replaceAll('\u00a0', ' ').replace(/\s+/g, ' ');
const button = (view) => view.page.locator('.profile-button');

const comesToRead = (view, selector, pattern) => until(`${selector} reads ${pattern}`, async () => {
  const text = await words(view, selector);
  if (!pattern.test(text)) throw new Error(`it reads: ${text}`);
  return true;
}, 15_000);

const picture = (view, name) => view.page.screenshot({ path: join(screenshots, `profile-${name}.png`) });

// The functions that the flame graph has, and the share that a search for one of them matches.
async function holdFlameGraph(view) {
  await view.page.locator('g.frame').first().waitFor();
  assert.equal(await view.page.title(), 'CPU profile of minivalk');
  const frames = await view.page.locator('g.frame').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  assert.ok(frames.some((name) => /^λ spin-shop\b.*, Lisp, /.test(name)), frames.slice(0, 40).join('; '));
  await view.page.locator('.search').fill('spin-shop');
  await comesToRead(view, '.answer', /^matched [\d.]+ % \(\d+ samples?, \d+ frames?\)(, [\d.]+ % of the base)?$/);
  const share = Number(/[\d.]+/.exec(await words(view, '.answer'))[0]);
  assert.ok(share > 20, `${share} % of the time is in what runs all the time`);
  await view.page.locator('.search').fill('');
}

test('the button profiles, tells how far it is, and has the flame graph', () => withBusy([], async ({ minivalk, exporter, rest }) => {
  const name = `process ${minivalk.pid}`;
  await withTab(`${exporter.page}?profile=1`, async (view, context) => {
    await view.ready();
    let asked = 0;
    view.page.on('request', (request) => { if (request.url().includes('/profiles/new')) asked++; });
    assert.equal(await button(view).innerText(), 'Profile for 1 s');
    await button(view).focus();
    await view.page.keyboard.press('Enter');
    await comesToRead(view, '.profile-button', /^Profiling: (0 of 1 s|finishing)$/);
    assert.equal(await button(view).getAttribute('aria-disabled'), 'true');
    await view.page.keyboard.press('Enter'); // it is at it
    await view.page.locator('.profile-graph').waitFor();
    assert.match(await words(view, '.profile-outcome'), new RegExp(`^[\\d,]+ samples of ${name}$`));
    assert.equal(await button(view).innerText(), 'Profile for 1 s');
    assert.equal(await view.page.evaluate(() => document.activeElement.className), 'profile-button', 'the focus stays');
    assert.equal(asked, 1);
    const opened = context.waitForEvent('page');
    await view.page.keyboard.press('Tab');
    await view.page.keyboard.press('Enter');
    // Without the guard, which must be there first: captures' pages have it.
    await holdFlameGraph(new View(await opened, null));
    await view.page.bringToFront();
    await button(view).click();
    await comesToRead(view, '.profile-words', /compared with \d\d:\d\d:\d\d/);
    assert.equal((await exporter.json('/debug/profiles')).profiles.length, 2);
  });
  await rest();
  await withTab(`${exporter.page}?profile=1`, async (view) => {
    await view.ready();
    await minivalk.end();
    await comesToRead(view, '.profile-outcome', /^it has ended$/);
    assert.equal(await button(view).getAttribute('aria-disabled'), 'true');
  });
}));

test('who is being profiled is not profiled twice, and the page says so', () => withBusy([], async ({ minivalk, exporter }) => {
  await withTab(`${exporter.page}?profile=4`, async (first, context) => {
    await first.ready();
    const second = await openTab(context, `${exporter.page}?profile=1`);
    second.guard.allow(/503/); // which a browser logs
    await second.ready();
    await first.page.bringToFront();
    await button(first).click();
    await comesToRead(first, '.profile-button', /^Profiling: 1 of 4 s$/);
    await picture(first, 'taking');
    await second.page.bringToFront();
    await button(second).click();
    await comesToRead(second, '.profile-outcome', new RegExp(`^process ${minivalk.pid} was not profiled: pid ${minivalk.pid} is being profiled already`));
    await comesToRead(second, '.profile-wait', /^free in \d+ s at most$/);
    await picture(second, 'refused');
    assert.equal(await button(second).getAttribute('aria-disabled'), 'false');
    await second.guard.check();
    await first.page.bringToFront();
    await first.page.locator('.profile-graph').waitFor();
    await picture(first, 'taken');
  });
}));

test('a capture has its flame graph, and another profile is compared with it', () =>
  withBusy(['--capture.when', 'loop_stall > 200ms'], async ({ minivalk, exporter }) => {
    await minivalk.get('/stall?ms=300');
    const capture = await until('the capture has its profile',
      async () => (await exporter.json('/debug/captures')).captures.find(({ flamegraph }) => flamegraph), 60_000);
    await withTab(exporter.page, async (view, context) => {
      await view.ready();
      await view.goTo('exporter');
      const link = view.page.locator('.captures').getByRole('link', { name: 'flame graph' });
      await link.waitFor();
      const graph = await openTab(context, new URL(await link.getAttribute('href'), exporter.page).href);
      await holdFlameGraph(graph);
      await graph.guard.check();
      for (const colorScheme of ['light', 'dark']) {
        await graph.page.emulateMedia({ colorScheme });
        await picture(graph, `flame-${colorScheme}`);
      }
      await view.page.bringToFront();
      await picture(view, 'captures');
    });
    await withTab(`${exporter.url}/debug/flamegraph?seconds=1&compare=${capture.id}`, async (view) => {
      await holdFlameGraph(view);
      await comesToRead(view, '.base-facts', new RegExp(`compared with capture ${capture.id}`));
      await comesToRead(view, '.legend', /more than in the base/);
      await picture(view, 'compared');
    });
  }));
