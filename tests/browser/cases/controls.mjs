// What a reader can do, by pointer and by keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newProfile, openTab, withTab } from '../support/browser.mjs';
import { until } from '../support/until.mjs';

export function controls(showcase) {
  test('pause holds the numbers still and goes on with what came meanwhile', async () => {
    await withTab(showcase().url, async (view) => {
      await view.ready();
      await view.page.keyboard.press('p');
      await isPressed(view, 'Go on');
      const before = await view.tile('health', 'Requests');
      await seconds(view, 3);
      assert.deepEqual(await view.tile('health', 'Requests'), before);
      assert.match((await view.verdict()).reason, /paused at \d\d:\d\d:\d\d/);
      await view.page.getByRole('button', { name: 'Go on' }).click();
      await until('numbers change', async () => (await view.tile('health', 'Requests')).note !== before.note || null);
    });
  });

  test('one, five and ten minutes', async () => {
    await withTab(showcase().url, async (view) => {
      await view.ready();
      await view.goTo('gc');
      for (const [key, name] of [['1', '1 min'], ['5', '5 min'], ['0', '10 min']]) {
        await view.page.keyboard.press(key);
        await isPressed(view, name);
        await until(`the timeline shows ${name}`, async () => (await view.summary()).startsWith(`last ${name}:`) || null);
      }
      await view.page.getByRole('button', { name: '1 min', exact: true }).click();
      await view.page.reload();
      await isPressed(view, '1 min'); // remembered
    });
  });

  test('each process can be looked at, and its view shared', async () => {
    const { url, search, shop } = showcase();
    await withTab(url, async (view, context) => {
      await view.ready();
      const picker = view.page.locator('.picker');
      assert.equal(await picker.locator('option').count(), 2);
      await picker.selectOption('search');
      await until('its server is shown', async () => (await servers(view)).includes(`:${search.ports[0]}`) || null);
      assert.ok(!(await servers(view)).includes(`:${shop.ports[0]}`));
      const shared = await openTab(context, view.page.url());
      await shared.ready();
      assert.equal(await shared.page.locator('.picker').inputValue(), 'search');
      await shared.guard.check();
    });
  });

  test('the whole page can be walked by keys, and the focus is seen', async () => {
    await withTab(showcase().url, async (view) => {
      await view.ready();
      const { page } = view;
      await page.keyboard.press('Tab');
      assert.equal(await focused(view), 'To the numbers');
      const names = new Set();
      for (let name = ''; name !== null; name = await focused(view)) {
        assert.notEqual(await outline(view), 'none', `focus of ${name} is seen`);
        names.add(name);
        await page.keyboard.press('Tab');
      }
      for (const name of ['Pause', 'Health', 'Garbage collector', 'Heap', 'Thresholds and keys']) assert.ok(names.has(name), `${name} in ${[...names]}`);
      await page.keyboard.press('j');
      await foldsByKey(view);
    });
  });

  test('nothing moves for who wants that', async () => {
    const context = await newProfile({ reducedMotion: 'reduce' });
    const view = await openTab(context, showcase().url);
    await view.ready();
    const moving = await view.page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
      const { transitionDuration, animationName } = getComputedStyle(element);
      return animationName !== 'none' || transitionDuration.split(', ').some((time) => parseFloat(time) > 0);
    }).map((element) => element.className));
    assert.deepEqual(moving, []);
    await view.guard.check();
    await context.close();
  });
}

const isPressed = (view, name) => until(`${name} is pressed`, async () =>
  (await view.page.getByRole('button', { name, exact: true }).getAttribute('aria-pressed')) === 'true' || null);

async function servers(view) {
  await view.goTo('servers');
  return view.text('#servers');
}

// Until so many seconds more have been sampled.
async function seconds(view, count) {
  const age = () => view.text('.freshness .head-fact');
  const seen = new Set();
  await until(`${count} seconds come`, async () => seen.add(await age()).size > count || null);
}

// null: the walk has left the page at its end.
const focused = (view) => view.page.evaluate(() => {
  const element = document.activeElement;
  return element === document.body ? null : element.getAttribute('aria-label') ?? element.textContent.trim();
});

const outline = (view) => view.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);

async function foldsByKey(view) {
  const fold = view.page.locator('#heap .fold');
  await fold.focus();
  await view.page.keyboard.press('Enter');
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  assert.equal(await view.page.locator('#heap-body').isVisible(), false);
  await view.page.keyboard.press(' ');
  assert.equal(await fold.getAttribute('aria-expanded'), 'true');
}
