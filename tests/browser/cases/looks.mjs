// How the page looks: nothing moves by itself, nothing is cut off, everybody can read it. It takes
// the pictures that build/screenshots has, one of which is docs/dashboard.png.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { newProfile, openTab, withTab } from '../support/browser.mjs';
import { requireModule, screenshots } from '../support/places.mjs';
import { until } from '../support/until.mjs';

const FULL_S = 65; // then a minute of charts is full
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

  test('it fits any width', async () => {
    for (const width of [390, 768, 1280, 1920, 2560]) {
      await withTab(showcase().url, async (view) => {
        await view.ready();
        await showAll(view);
        const { scroll, client } = await view.page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return { scroll: scrollWidth, client: clientWidth };
        });
        assert.ok(scroll <= client, `${scroll} px in ${width}`);
      }, { viewport: { width, height: 900 } });
    }
  });

  test('pictures', async () => {
    await until('there is a minute to be seen', () => showcase().seconds > FULL_S || null, 120_000);
    for (const [name, colorScheme, width] of [
      ['1280-light', 'light', 1280], ['1280-dark', 'dark', 1280], ['390-light', 'light', 390], ['390-dark', 'dark', 390],
      ['1920-light', 'light', 1920], ['1920-dark', 'dark', 1920],
    ]) await takePictures(showcase().url, name, colorScheme, width);
  });
}

async function takePictures(url, name, colorScheme, width) {
  const context = await newProfile({ colorScheme, viewport: { width, height: width < 600 ? 844 : 900 } });
  const view = await openTab(context, `${url}?process=shop`);
  await view.ready();
  await view.page.keyboard.press('1');
  await showAll(view);
  await view.page.screenshot({ path: join(screenshots, `${name}.png`) });
  await view.page.screenshot({ path: join(screenshots, `${name}-whole.png`), fullPage: true });
  await view.guard.check();
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
