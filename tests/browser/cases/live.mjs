// What changes in a watched process changes on the page, and is right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTab } from '../support/browser.mjs';
import { Exporter } from '../support/exporter.mjs';
import { Load, Minivalk } from '../support/minivalk.mjs';
import { until } from '../support/until.mjs';
import { amount } from '../support/view.mjs';

const PER_SECOND = 40;
const FAILING = 0.1; // of the paths below
const PATHS = [...Array(9).fill('/alloc?kb=64'), '/status/500'];

test('numbers follow the load', async () => {
  const minivalk = await Minivalk.start();
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid)]);
  await withTab(exporter.page, async (view) => {
    await view.ready();
    const before = await view.tile('health', 'Live heap');
    const load = new Load(minivalk, PER_SECOND, PATHS);
    // Of single seconds one may have more, the next less: what is held is the mean of the last ones.
    // What is sent tells the seconds: where all are alike, the words stay as they are.
    const rates = [];
    await until('ten seconds of requests are told', async () => {
      const { note } = await view.tile('health', 'Requests');
      const rate = /; ([^;]+) in the last one/.exec(note);
      if (rate && load.sent > (rates.length + 3) * PER_SECOND) rates.push(amount(rate[1]));
      return rates.length >= 10 || null;
    }, 30_000);
    const mean = rates.reduce((sum, rate) => sum + rate) / rates.length;
    assert.ok(Math.abs(mean - PER_SECOND) < 0.15 * PER_SECOND, `${mean} requests a second: ${rates}`);
    const errors = await view.tile('health', 'Answered 5xx');
    assert.ok(Math.abs(amount(errors.number) - FAILING) < 0.02, `${errors.number} fail`);
    assert.equal(errors.severity, 'crit');
    await view.comesToSay(/of the requests fail with 5xx/);
    load.stop();
    await until('the heap has moved', async () => (await view.tile('health', 'Live heap')).note !== before.note || null);
  });
  await exporter.end();
  await minivalk.end();
});

const KEPT_CELLS = 60_000; // so that a pause lasts long enough to be compared

test('provoked pauses stand in the timeline, as long as they were', async () => {
  const minivalk = await Minivalk.start();
  await minivalk.ask(`eval (define kept (let ((all nil) (left ${KEPT_CELLS})) (begin (while (> left 0) (set! all (cons left all)) (set! left (- left 1))) all)))`);
  const exporter = await Exporter.watching(['--pid', String(minivalk.pid)]);
  await withTab(exporter.page, async (view) => {
    await view.ready();
    await view.goTo('gc');
    await until('the timeline is drawn', async () => (await view.collectionsInTimeline()) >= 0 || null);
    const pausedBefore = (await minivalk.truth())('valk_gc_pause_seconds_total');
    const seen = await view.collectionsInTimeline();
    await minivalk.collect(20);
    await until('20 more collections stand in the timeline',
      async () => (await view.collectionsInTimeline()) === seen + 20 || null, 2_000);
    const truth = await minivalk.truth();
    await holdPauses(view, exporter, (truth('valk_gc_pause_seconds_total') - pausedBefore) * 1000);
  });
  await exporter.end();
  await minivalk.end();
});

// The details of the last 20 collections against what the exporter serves and the runtime counted.
async function holdPauses(view, exporter, truePausesMs) {
  const walked = (await view.walkTimeline(20, 'garbage collection')).reverse();
  assert.equal(walked.length, 20);
  const served = new Map((await exporter.events('gc')).map((event) => [String(event.seq), event]));
  let sumMs = 0;
  walked.forEach((detail, i) => {
    const event = served.get(detail.Sequence);
    assert.ok(event, `sequence ${detail.Sequence} is served`);
    assert.equal(detail.Reason, 'explicit');
    assert.ok(i === 0 || Number(detail.Sequence) > Number(walked[i - 1].Sequence), 'in order');
    const pauseMs = amount(detail.Pause) * 1000;
    assert.ok(Math.abs(pauseMs - event.pause_ms) <= 0.05 * event.pause_ms, `${detail.Pause} is ${event.pause_ms} ms`);
    assert.equal(new Date(detail.UTC).getTime(), Math.floor(event.unix_ms));
    sumMs += pauseMs;
  });
  assert.ok(Math.abs(sumMs - truePausesMs) <= 0.05 * truePausesMs, `${sumMs} ms in all, truly ${truePausesMs}`);
}
