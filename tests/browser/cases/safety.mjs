// Names that a stranger has chosen are text, and text alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTab } from '../support/browser.mjs';
import { Child } from '../support/child.mjs';
import { Exporter } from '../support/exporter.mjs';
import { programs } from '../support/places.mjs';
import { until } from '../support/until.mjs';

const HOST = '<script>window.ran=1</script>';
const SYSTEM = '<img/src=x/onerror=window.ran=2>';
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
  + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

test('a server that is named like a script is text', async () => {
  const puppet = new Child(programs.puppet);
  await puppet.readLine();
  const exporter = await Exporter.watching(['--pid', String(puppet.pid)]);
  await puppet.ask(`names ${SYSTEM} ${HOST}`);
  await puppet.ask('status 500 1000 60000');
  await puppet.ask('turn 700000000');
  await withTab(exporter.page, async (view) => {
    await view.ready();
    await view.goTo('servers');
    await until('the server has a card', async () => (await view.text('#servers')).includes(HOST) || null);
    await view.comesToSay(/Loop <img\/src=x/);
    assert.equal(await view.page.evaluate(() => window.ran), undefined);
    assert.equal(await view.page.locator('script').count(), 1);
    assert.equal(await view.page.locator('img').count(), 0);
  });
  await exporter.end();
  await puppet.end();
});

test('the page comes with its policy, and is not kept', async () => {
  const puppet = new Child(programs.puppet);
  await puppet.readLine();
  const exporter = await Exporter.watching(['--pid', String(puppet.pid)]);
  const answer = await fetch(exporter.page);
  assert.equal(answer.headers.get('content-security-policy'), POLICY);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  const html = await answer.text();
  assert.doesNotMatch(html, / style=| on[a-z]+=|<script>|<style/);
  for (const [asset] of html.matchAll(/assets\/[\w.-]+/g)) {
    const kept = await fetch(`${exporter.page}${asset}`);
    assert.match(kept.headers.get('cache-control'), /immutable/);
  }
  await exporter.end();
  await puppet.end();
});
