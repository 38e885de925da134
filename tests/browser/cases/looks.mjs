// How the page looks: nothing moves by itself, nothing is cut off, everybody can read it. It takes
// the pictures that build/screenshots has, one of which is docs/dashboard.png.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newProfile, openTab, withTab } from '../support/browser.mjs';
import { requireModule, screenshots } from '../support/places.mjs';
import { until } from '../support/until.mjs';

const FULL_S = 65; // then a minute of charts is full
const DOCUMENTED_BYTES = 300 * 1024;
const WIDTHS = [[390, ['light']], [768, []], [1280, ['light', 'dark']], [1920, ['dark']], [2560, []]];
const DESKTOP_PX = 1280;
const GRAVE = ['serious', 'critical'];

export function looks(showcase) {
  test('nothing moves after the first second', async () => {
    await withTab(showcase().url, async (view) => {
      await view.page.addInitScript(observeShifts);
      await view.page.reload();
      await view.ready();
      const from = await view.page.evaluate(() => performance.now() + 1_000);
      await showcase().shop.collect(3);
      await until('some seconds have come', () => view.page.evaluate((begin) => performance.now() > begin + 4_000 || null, from));
      const moved = await view.page.evaluate((begin) => window.shifts.filter((shift) => shift.at > begin), from);
      assert.deepEqual(moved, []);
    });
  });

  test('everybody can read it, light and dark', async () => {
    const axe = readFileSync(requireModule.resolve('axe-core/axe.min.js'), 'utf8');
    for (const colorScheme of ['light', 'dark']) {
      // The policy would not let axe's own styles in.
      const context = await newProfile({ colorScheme, bypassCSP: true });
      const view = await openTab(context, showcase().url);
      await view.ready();
      await showAll(view);
      await view.page.evaluate(axe);
      const { violations } = await view.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      const grave = violations.filter(({ impact }) => GRAVE.includes(impact))
        .map(({ id, help, nodes }) => `${colorScheme}: ${id}: ${help}: ${nodes.slice(0, 3).map(({ target }) => target).join(' ')}`);
      assert.deepEqual(grave, []);
      await context.close();
    }
  });

  test('it fits any width, and pictures show it', async () => {
    await until('there is a minute to be seen', () => showcase().seconds > FULL_S || null, 120_000);
    for (const [width, schemes] of WIDTHS) {
      const height = width < 600 ? 844 : 900;
      await withTab(`${showcase().url}?process=shop`, async (view) => {
        await view.ready();
        await view.page.keyboard.press('1');
        for (const scheme of schemes) await takePictures(view, width, scheme);
        await holdWidth(view, width);
      }, { viewport: { width, height } });
    }
    await takeDocumented(showcase().url);
  });
}

async function holdWidth({ page }, width) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} px too wide for ${width}`);
}

async function takePictures(view, width, colorScheme) {
  await view.page.emulateMedia({ colorScheme });
  await showAll(view);
  await view.page.screenshot({ path: join(screenshots, `${width}-${colorScheme}.png`) });
  if (width > DESKTOP_PX) return;
  await view.page.screenshot({ path: join(screenshots, `${width}-${colorScheme}-whole.png`), fullPage: true });
}

// Health and timeline, for docs/dashboard.png: a picture of few colours packs well.
async function takeDocumented(url) {
  const context = await newProfile({ colorScheme: 'dark', viewport: { width: 1280, height: 1080 } });
  const view = await openTab(context, `${url}?process=shop`);
  await view.ready();
  await view.page.keyboard.press('1');
  await showAll(view);
  const path = join(screenshots, 'dashboard.png');
  await view.page.screenshot({ path });
  assert.ok(statSync(path).size < DOCUMENTED_BYTES);
  await context.close();
}

function observeShifts() {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      const who = entry.sources.map(({ node }) => node?.className ?? node?.nodeName).join(', ');
      window.shifts.push({ at: entry.startTime, value: entry.value, who });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

// Scrolls through, so that everything has been drawn, and back.
async function showAll(view) {
  const { page } = view;
  const height = page.viewportSize().height;
  for (let top = 0; top < await page.evaluate(() => document.documentElement.scrollHeight); top += height / 2) {
    await page.evaluate((y) => window.scrollTo(0, y), top);
    await until(`what is seen at ${top} px is drawn`, () => page.evaluate(isDrawn));
  }
  await page.evaluate(() => window.scrollTo(0, 0));
}

function isDrawn() {
  const waits = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top < innerHeight && bottom > 0 && element.checkVisibility() && element.textContent === 'waiting for the first sample';
  };
  return ![...document.querySelectorAll('.chart-empty, .timeline-readout')].some(waits) || null;
}
