// Starts the page: the browser's own parts are given here, and nowhere else.
import { Connection } from './data/connection';
import type { SourceLike } from './data/connection';
import type { GcEventsAnswer, HistoryAnswer } from './data/seam';
import { keyPressed } from './keys';
import { Page } from './page';

// All addresses are relative: a proxy may serve the page under a prefix.
async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

const root = document.getElementById('root') ?? document.body;
const page = new Page(root, {
  history: async (process) => {
    const named = process === '' ? '' : `&process=${encodeURIComponent(process)}`;
    return (await getJson(`history?seconds=600${named}`)) as HistoryAnswer;
  },
  events: async () => (await getJson('gc-events?limit=10000')) as GcEventsAnswer,
});

const connection = new Connection({
  open: (url) => new EventSource(url) as SourceLike,
  get: getJson,
  now: () => Date.now(),
  random: Math.random,
}, page);

document.addEventListener('visibilitychange', () => connection.visible(document.visibilityState === 'visible'));
document.addEventListener('keydown', (event) => keyPressed(event, page));
window.addEventListener('hashchange', () => page.openSection(location.hash.slice(1)));
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.redraw());
setInterval(() => page.tick(), 250);
void page.start(connection);
