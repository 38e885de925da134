// The flame graph's page in a browser: from disk, and with the policy that an answer of the exporter has.
//
// usage: node tests/browser/flame.mjs      77: there is no browser to test with
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const build = process.env.VALKYRIA_BUILD_DIR ?? join(root, 'build');
const modules = createRequire(join(process.env.VALKYRIA_WEB_MODULES ?? join(build, 'web'), 'node_modules/any.js'));
const program = process.env.VALKYRIA_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(program)) {
  console.log(`${program} is not there: the flame graph is not tested in a browser`);
  process.exit(process.env.CI ? 1 : 77);
}
const { chromium } = modules('playwright-core');
const axe = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-proxy-server', '--hide-scrollbars'];

const scratch = mkdtempSync(join(tmpdir(), 'valkyria-flame-'));
const screenshots = join(build, 'screenshots');
mkdirSync(screenshots, { recursive: true });
let browser;
let server;

before(async () => {
  assert.equal(spawnSync(join(build, 'tests/write_profiles'), [scratch], { stdio: 'inherit' }).status, 0);
  browser = await chromium.launch({ executablePath: program, args: FLAGS, env: { ...process.env, HOME: scratch, TMPDIR: scratch } });
  const policy = readFileSync(join(scratch, 'policy'), 'utf8');
  server = createServer((request, answer) => {
    answer.setHeader('Content-Type', 'text/html; charset=utf-8').setHeader('Content-Security-Policy', policy);
    answer.end(readFileSync(join(scratch, request.url)));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

// Opens a page and looks afterwards whether it did what none may: log an error, break its policy, ask
// anybody, be wider than the window.
async function withPage(name, use, options = {}) {
  const { isServed = false, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...rest });
  const page = await context.newPage();
  const errors = [];
  page.on('console', (message) => errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => { if (!/^(data:|file:|http:\/\/127\.0\.0\.1)/.test(request.url())) errors.push(request.url()); });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => window.violations.push(`${violatedDirective} ${blockedURI}`));
  });
  await page.goto(isServed ? `http://127.0.0.1:${server.address().port}/${name}.html` : `file://${scratch}/${name}.html`);
  await page.waitForSelector('.controls');
  await use(page);
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(errors, []);
  const { width } = page.viewportSize();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, 'wider than the window');
  await context.close();
}

const words = async (page, selector) => (await page.locator(selector).first().innerText()).replaceAll('\u00a0', ' ').replace(/\s+/g, ' ');
const details = (page) => words(page, '.details-words');
const frames = (page) => page.evaluate(() => [...document.querySelectorAll('g.frame')].map((frame) => frame.getAttribute('aria-label')));
const total = async (page) => Number((/, ([\d,]+)\s+sample/.exec((await frames(page)).find((name) => name.startsWith('all,')))?.[1] ?? '').replaceAll(',', ''));
const frame = (page, name) => page.locator('g.frame').filter({ has: page.locator('div', { hasText: new RegExp(`^${name}$`) }) }).first();

async function becomes(page, selector, pattern) {
  await page.waitForFunction(([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent.replaceAll('\u00a0', ' ') ?? ''), [selector, pattern.source]);
}

for (const isServed of [false, true]) {
  test(`the page draws a profile ${isServed ? 'under its policy' : 'from disk'}`, () => withPage('busy', async (page) => {
    assert.equal(await page.title(), 'CPU profile of shop');
    const head = await words(page, '.head');
    for (const fact of ['shop (pid 4711)', '4f1c9a27', '2026-11-26 08:40:00 UTC', '10 s', '99 Hz', 'samples 907', 'truncated 9', 'failed 2', 'lost 3', 'exporter 1.2.3']) {
      assert.ok(head.includes(fact), `${fact} in: ${head}`);
    }
    assert.equal(await words(page, '.time-words'), 'All threads together ran 9.1 s, waited for a processor 350 ms, stood still for collections 60 ms, waited for events 9.6 s, waited otherwise 1.24 s. This page shows only where they ran.');
    assert.equal(await total(page), 907);
    assert.equal(await page.locator('.links a').count(), isServed ? 3 : 2, 'from disk only links that hold their file');
    assert.match(await page.locator('.links a').first().getAttribute('href'), /^data:application\/octet-stream;base64,H4sI/);
  }, { isServed }));
}

test('the details follow the pointer and the keys', () => withPage('busy', async (page) => {
  await frame(page, 'λ spin-big').hover();
  await becomes(page, '.details-name', /^λ spin-big$/);
  assert.match(await details(page), /49\.6 % of all 63\.8 % of its parent 450 samples 4\.55 s CPU time 0 % itself 49\.6 % everywhere Lisp kind/);
  await page.mouse.move(5, 5);
  await becomes(page, '.details-name', /^all$/);
  await page.locator('.graph').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  assert.match(await details(page), /^λ spin-mid 25\.4 % of all/);
  const active = await page.locator('.graph').getAttribute('aria-activedescendant');
  assert.match(await page.locator(`#${active}`).getAttribute('aria-label'), /^λ spin-mid, Lisp, 25\.4\s% of all, 230\ssamples$/);
  await page.keyboard.press('ArrowUp');
  assert.match(await details(page), /^λ round/);
}));

test('a frame fills the width by click and key, and gives it back', () => withPage('busy', async (page) => {
  const width = async (name) => (await frame(page, name).boundingBox()).width;
  const whole = await width('all');
  await frame(page, 'λ spin-mid').click();
  await page.waitForFunction(() => !document.querySelector('g.frame[name="λ spin-big"]'));
  assert.ok(Math.abs(await width('λ spin-mid') - whole) < 2);
  await page.locator('.graph').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForSelector('g.frame[name="λ spin-big"]');
  assert.ok(await width('λ spin-big') < whole / 1.9);
}));

test('the search says which share it matched, nested ones once', () => withPage('busy', async (page) => {
  const search = page.locator('.search');
  await search.fill('LENV');
  await becomes(page, '.answer', /^matched 64\.4 % \(584 samples, 4 frames\)$/);
  assert.equal(await page.locator('g.found').count(), 4);
  assert.notEqual(await page.locator('g.found rect').first().evaluate((rect) => getComputedStyle(rect).strokeWidth), '0.5px', 'outlined, not only coloured');
  await search.fill('fib');
  await becomes(page, '.answer', /^matched 7\.72 % \(70 samples, 3 frames\)$/);
  await search.press('Enter');
  assert.match(await details(page), /^λ fib/);
  await search.fill('fib|gc_(mark|sweep)');
  await becomes(page, '.answer', /^matched 0 %/);
  await page.locator('.regex input').check();
  await becomes(page, '.answer', /^matched 20\.9 % \(190 samples, 5 frames\)$/);
  await search.fill('(');
  await becomes(page, '.answer', /^not a regular expression: /);
  assert.equal(await search.getAttribute('aria-invalid'), 'true');
  await search.fill('');
  await becomes(page, '.answer', /^$/);
}));

test('phases, threads and hidden functions are left out of all shares', () => withPage('busy', async (page) => {
  const [phase, thread] = [page.locator('select').nth(0), page.locator('select').nth(1)];
  for (const [choice, samples] of [['outside', 781], ['inside', 126], ['collecting', 120], ['all', 907]]) {
    await phase.selectOption(choice);
    assert.equal(await total(page), samples, choice);
  }
  await thread.selectOption({ label: 'worker (101): 6.73\u00a0%' });
  assert.equal(await total(page), 61);
  await phase.selectOption('collecting');
  assert.match(await words(page, '.empty'), /of 907 samples none is of "collecting garbage" and is of the thread worker\./);
  await page.getByRole('button', { name: 'Reset' }).click();
  assert.equal(await total(page), 907);
  await frame(page, 'λ spin-big').click();
  await page.getByRole('button', { name: 'Hide', exact: true }).click();
  assert.equal(await total(page), 457);
  await page.getByRole('button', { name: /hidden: λ spin-big/ }).click();
  assert.equal(await total(page), 907);
}));

test('stacks are turned round: from what ran, and for one function', () => withPage('busy', async (page) => {
  await page.getByRole('button', { name: 'Reverse' }).click();
  assert.equal(await total(page), 907);
  assert.match((await frames(page)).find((name) => name.startsWith('valk_gc_mark')), /8\.82\s% of all/);
  await page.getByRole('button', { name: 'Reverse' }).click();
  await frame(page, 'λ spin-mid').click();
  await page.getByRole('button', { name: 'Callers', exact: true }).click();
  assert.equal(await total(page), 230);
  assert.deepEqual((await frames(page)).map((name) => name.split(',')[0]).sort(), ['all', 'main', 'valk_eval', 'λ round', 'λ spin-mid'].sort());
  await page.getByRole('button', { name: /callers of λ spin-mid/ }).click();
  assert.equal(await total(page), 907);
}));

test('the root is on top or below', () => withPage('busy', async (page) => {
  const y = async (name) => (await frame(page, name).boundingBox()).y;
  assert.ok(await y('all') < await y('λ round'));
  await page.getByRole('button', { name: 'Root on top' }).click();
  await page.getByRole('button', { name: 'Root below' }).waitFor();
  assert.ok(await y('all') > await y('λ round'));
}));

test('a comparison tells shares, not samples', () => withPage('compared', async (page) => {
  assert.match(await words(page, '.base-facts'), /compared with capture 12 .* samples 440/);
  await page.locator('g.frame', { hasText: /^.*λ spin-big \+26\.9$/ }).first().hover();
  await becomes(page, '.details-name', /^λ spin-big$/);
  assert.match(await details(page), /\+26\.9 points: 22\.7 % of the base \(100 samples\) compared/);
  await page.locator('g.frame[name^="valk_builtin_add"]').hover();
  await becomes(page, '.details-facts', /new: not in the base compared/);
  assert.equal(await page.locator('g.frame[name^="valk_builtin_add"] rect').getAttribute('fill'), 'var(--new)');
  assert.match(await page.locator('g.frame[name^="λ spin-mid"] rect').getAttribute('fill'), /less/);
  assert.match(await words(page, '.legend'), /\+ more than in the base − less/);
}));

test('an empty profile says why', () => withPage('empty', async (page) => {
  assert.equal(await words(page, '.empty'), '0 samples: the process used 0.02 CPU s in 10 s; idle is not sampled.');
  assert.equal(await page.locator('.graph').isVisible(), false);
  assert.match(await words(page, '.time-words'), /ran 20 ms, waited for a processor 0 s, stood still for collections 0 s, waited for events 9\.9 s\./);
}));

test('names are text, and text alone', () => withPage('hostile', async (page) => {
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.locator('script').count(), 2);
  assert.equal(await page.locator('img').count(), 0);
  assert.ok((await frames(page)).some((name) => name.startsWith('</script><script>window.ran=1</script>, ')));
  await page.locator('.search').fill('__proto__');
  await becomes(page, '.answer', /^matched 38\.1 %/);
}, { isServed: true }));

test('a large profile is merged where it is small, and drawn soon', () => withPage('large', async (page) => {
  assert.ok((await frames(page)).length > 1_000);
  await page.locator('.search').fill('small)');
  await becomes(page, '.answer', /^matched 0\.35 % \(280 samples, 1 frame\)$/);
  await page.getByRole('button', { name: 'Reverse' }).click();
  assert.equal(await total(page), 80_280);
}));

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    for (const name of ['busy', 'compared']) {
      test(`${name}, ${colorScheme}, ${width} wide: everybody can read it`, () => withPage(name, async (page) => {
        await page.locator('.graph').focus();
        for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown');
        await page.evaluate(() => window.scrollTo(0, 0));
        await page.screenshot({ path: join(screenshots, `flame-${name}-${width}-${colorScheme}.png`) });
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`), []);
      }, { colorScheme, viewport: { width, height: 900 } }));
    }
  }
}
