// Debian's chromium, with nothing of a user's and without its own errands.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Guard } from './guard.mjs';
import { programs, requireModule, scratch } from './places.mjs';
import { within } from './until.mjs';
import { View } from './view.mjs';

const { chromium } = requireModule('playwright-core');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--disable-extensions',
  '--no-default-browser-check', '--disable-domain-reliability', '--no-proxy-server', '--hide-scrollbars',
];

const CLOSE_MS = 20_000;
const DESKTOP = { width: 1280, height: 900 };

let browser = null;

export async function launchBrowser() {
  // What the browser keeps elsewhere than in its profile (crash reports, settings of its toolkit).
  const home = mkdtempSync(join(scratch, 'home-'));
  browser = await chromium.launch({
    executablePath: programs.chromium,
    args: FLAGS,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, TMPDIR: scratch },
  });
}

export async function closeBrowser() {
  const closing = browser?.close();
  browser = null;
  if (!closing || (await within(CLOSE_MS, closing))) return;
  // What it is asked for at its end is of no concern to what was tested.
  console.error(`chromium did not close within ${CLOSE_MS} ms and is killed`);
  for (const pid of ownBrowsers()) process.kill(pid, 'SIGKILL');
  await closing;
}

// Its processes, known by the directory that only we have given them.
function ownBrowsers() {
  return readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number).filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return words.includes('chromium') && words.includes(scratch);
    } catch {
      return false; // it has ended
    }
  });
}

// A profile of its own: nothing that one test's page remembers is seen by another's.
export async function newProfile(options = {}) {
  const context = await browser.newContext({
    viewport: DESKTOP, timezoneId: 'Europe/Berlin', locale: 'en-GB', reducedMotion: 'no-preference', ...options,
  });
  context.setDefaultTimeout(15_000);
  return context;
}

// A tab on the page of an exporter, watched from before its first request on.
export async function openTab(context, url) {
  const page = await context.newPage();
  const guard = new Guard(page, url);
  await guard.watch();
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return new View(page, guard);
}

// Runs `use` with a tab in a profile of its own, and looks afterwards whether the page did what no
// page may (Guard).
export async function withTab(url, use, options = {}) {
  const context = await newProfile(options);
  try {
    const view = await openTab(context, url);
    await use(view, context);
    await view.guard.check();
  } finally {
    await context.close();
  }
}
