// What goes wrong with a watched process, in the page's words.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTab } from '../support/browser.mjs';
import { Child } from '../support/child.mjs';
import { Exporter } from '../support/exporter.mjs';
import { Minivalk } from '../support/minivalk.mjs';
import { programs, scratch } from '../support/places.mjs';
import { until } from '../support/until.mjs';
import { amount } from '../support/view.mjs';

test('a loop that stands is told while it stands, and its stall afterwards', async () => {
  const minivalk = await Minivalk.start();
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid)]);
  await withTab(exporter.page, async (view) => {
    await view.ready();
    // One turn each; the exporter looks once a second.
    const stalled = Promise.all([minivalk.get('/stall?ms=5000'), minivalk.get('/stall?ms=5000')]);
    await view.comesToSay(/Loop main has not turned for \d/, 10_000);
    assert.equal(await view.connection(), 'live'); // all else goes on
    assert.deepEqual(await stalled, [200, 200]);
    await view.comesToSay(/Loop main was busy for \d+(\.\d+)?\s?s in one turn/);
    await view.goTo('gc');
    await until('the stall stands in the timeline', async () => {
      const [event] = await view.walkTimeline(1, 'loop stall');
      return (event?.System === 'main' && amount(event.Busy) >= 5) || null;
    });
  });
  await exporter.end();
  await minivalk.end();
});

test('a process that is stopped by a signal is said to be', async () => {
  const minivalk = await Minivalk.start();
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid)]);
  await withTab(exporter.page, async (view) => {
    await view.ready();
    minivalk.signal('SIGSTOP');
    await view.comesToSay(/is stopped by a signal/);
    assert.equal((await view.verdict()).severity, 'crit');
    assert.equal(await view.connection(), 'live');
    minivalk.signal('SIGCONT');
    await until('it goes on', async () => !/is stopped/.test(await view.says()) || null);
  });
  await exporter.end();
  await minivalk.end();
});

test('a killed process has ended, and its successor is another one', async () => {
  const program = join(scratch, 'restarted');
  copyFileSync(programs.minivalk, program);
  const first = await Minivalk.start([], program);
  const exporter = await Exporter.watching(['--exe', program]);
  await withTab(exporter.page, async (view) => {
    await view.ready();
    const { pid } = first;
    await first.end('SIGKILL');
    await view.comesToSay(/restarted.* (ended|is not running)/);
    assert.match(await view.text('.bar'), /ended \d\d:\d\d:\d\d/);
    assert.match(await filterOf(view), /grayscale/);
    const second = await Minivalk.start([], program);
    await until('the page shows the new one', async () => {
      const shown = await view.page.locator('.picker').evaluate((picker) => picker.selectedOptions[0]?.textContent);
      return (shown?.includes(`(${second.pid})`) && !shown.includes('ended')) || null;
    });
    await until('nothing is grey', async () => (await filterOf(view)) === 'none' || null);
    await holdRestartInTimeline(view, pid, second.pid);
    await second.end();
  });
  await exporter.end();
});

const filterOf = (view) => view.page.locator('.page').evaluate((page) => getComputedStyle(page).filter);

async function holdRestartInTimeline(view, before, after) {
  await view.goTo('gc');
  await view.page.locator('#gc').getByRole('button', { name: 'Events as table' }).click();
  await until('both stand in the table of events', async () => {
    const rows = await view.text('.timeline-table');
    return (rows.includes(`process ${before} ended`) && rows.includes(`process ${after} started`)) || null;
  });
}

test('lost events are a hole with a count', async () => {
  const puppet = new Child(programs.puppet);
  await puppet.readLine();
  const exporter = await Exporter.watching(['--pid', String(puppet.pid)]);
  await withTab(exporter.page, async (view) => {
    await view.ready();
    await puppet.ask('gc 1');
    await until('a collection is served', async () => (await exporter.events('gc')).length > 0);
    exporter.signal('SIGSTOP'); // nobody takes what comes
    await puppet.ask('gc 40000');
    exporter.signal('SIGCONT');
    const [hole] = await until('a hole is served', async () => {
      const holes = await exporter.events('lost');
      if (holes.length === 0) throw new Error(`${(await exporter.events('gc')).length} collections are served`);
      return holes;
    });
    await view.goTo('gc');
    await until('the timeline tells of it', async () => {
      const summary = await view.summary();
      if (!/ events? lost/.test(summary)) throw new Error(summary);
      return true;
    });
    assert.ok(hole.count > 0);
    await view.comesToSay(/events were lost/);
  });
  await exporter.end();
  await puppet.end();
});
