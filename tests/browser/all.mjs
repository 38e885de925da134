// Every test of the page in a browser, one after the other: one browser for all of them.
import { after, before } from 'node:test';
import { controls } from './cases/controls.mjs';
import { documents } from './cases/documents.mjs';
import { looks } from './cases/looks.mjs';
import { memory } from './cases/memory.mjs';
import { closeBrowser, launchBrowser } from './support/browser.mjs';
import { endAllChildren } from './support/child.mjs';
import { Showcase } from './support/showcase.mjs';

let showcase = null;

before(async () => {
  await launchBrowser();
  showcase = await Showcase.start();
});
after(async () => {
  await showcase?.end();
  await closeBrowser();
  await endAllChildren();
});

controls(() => showcase);
await import('./cases/live.mjs');
await import('./cases/profile.mjs');
await import('./cases/trouble.mjs');
await import('./cases/connection.mjs');
await import('./cases/safety.mjs');
memory(() => showcase);
documents(() => showcase);
looks(() => showcase);
