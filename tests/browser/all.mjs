// Every test of the page in a browser, one after the other: one browser for all of them.
import { after, before } from 'node:test';
import { closeBrowser, launchBrowser } from './support/browser.mjs';
import { endAllChildren } from './support/child.mjs';

before(launchBrowser);
after(async () => {
  await closeBrowser();
  await endAllChildren();
});

await import('./cases/live.mjs');
await import('./cases/trouble.mjs');
await import('./cases/connection.mjs');
await import('./cases/safety.mjs');
