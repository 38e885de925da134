// The parts of the page around the picture.
import { button, link, make } from '../cards/parts';
import type { Kind, Link, PageData, Profile } from './seam';
import { headFacts, KINDS, nameOf, timeParts } from './words';

function factList(className: string, facts: readonly (readonly [string, string])[]): HTMLElement {
  return make('dl', className, ...facts.map(([name, text]) => make('div', 'fact', make('dt', '', name), make('dd', '', text))));
}

function linkTo({ name, href, file }: Link): HTMLElement {
  // From disk only those work that hold what they lead to.
  if (location.protocol === 'file:' && !href.startsWith('data:')) {
    return make('span', 'muted', `${name} (from the exporter alone)`);
  }
  const element = link(name, href);
  if (file) element.download = file;
  return element;
}

function themeButton(): HTMLElement {
  const order = ['auto', 'light', 'dark'] as const;
  let at = 0;
  const element = button('Theme: auto', () => {
    at = (at + 1) % order.length;
    const theme = order[at] ?? 'auto';
    document.documentElement.dataset['theme'] = theme;
    element.textContent = `Theme: ${theme}`;
  }, 'theme');
  return element;
}

export function head({ profile, base, base_name, links }: PageData): HTMLElement {
  const title = make('h1', '', `CPU profile of ${nameOf(profile)}`);
  const formats = make('nav', 'links', ...(links.length > 0 ? ['This profile as ', ...links.map(linkTo)] : []));
  formats.setAttribute('aria-label', 'Other formats');
  const element = make('header', 'head', make('div', 'bar', title, formats, themeButton()), factList('facts', headFacts(profile)));
  if (base) {
    const facts = headFacts(base).filter(([name]) => ['process', 'begun', 'taken for', 'samples'].includes(name));
    element.append(factList('facts base-facts', [['compared with', base_name || 'another profile'], ...facts]));
  }
  if (profile.ends.length > 0 && profile.caveats.length > 0) element.append(make('p', 'caveat', `${profile.caveats.join('. ')}.`));
  return element;
}

// What a profile of the processor can't show: who waited.
export function timeBar({ time }: Profile): HTMLElement | null {
  const parts = timeParts(time);
  const total = parts.reduce((sum, part) => sum + part.seconds, 0);
  if (total === 0) return null;
  const bar = make('div', 'time-bar');
  bar.setAttribute('aria-hidden', 'true');
  for (const { id, seconds } of parts) {
    const piece = make('span', `time-${id}`);
    piece.style.width = `${(100 * seconds) / total}%`;
    bar.append(piece);
  }
  const words = make('p', 'time-words', 'All threads together ');
  parts.forEach(({ id, words: text }, i) => {
    const sign = make('span', `swatch time-${id}`);
    words.append(i > 0 ? ', ' : '', sign, text);
  });
  words.append('. This page shows only where they ran.');
  const element = make('section', 'time', bar, words);
  element.setAttribute('aria-label', 'Where the time of all threads went');
  return element;
}

const LEGEND: [Kind, string][] = [
  ['lisp', 'λ Lisp'], ['native', KINDS.native], ['gc', KINDS.gc], ['kernel', '[kernel]'], ['marker', '[truncated], (small)'],
];
const DIFFERENCES: [string, string][] = [
  ['more-3', '+ more than in the base'], ['less-3', '− less'], ['same', '±0 the same'], ['new', 'new'],
];

export function legend(isCompared: boolean, kinds: ReadonlySet<Kind>): HTMLElement {
  const rows = isCompared ? DIFFERENCES : LEGEND.filter(([kind]) => kinds.has(kind))
    .map(([kind, text]) => [kind === 'marker' ? 'marker' : `${kind}-0`, text] as const);
  const list = make('ul', 'legend', ...rows.map(([colour, text]) => make('li', '', make('span', `swatch fill-${colour}`), text)));
  list.setAttribute('aria-label', 'Colours');
  return list;
}

const KEYS: [string, string][] = [
  ['↑ ↓ ← →', 'to the caller, what it calls, and beside'], ['Enter', 'zoom into the frame'], ['Esc', 'zoom out'],
  ['/', 'search'], ['n N', 'next and last frame that was found'], ['h', 'hide the function'], ['c', 'callers of the function'],
  ['r', 'reverse'], ['f', 'turn upside down'], ['Home', 'to the root'],
];

export function help(): HTMLElement {
  const list = make('dl', 'keys', ...KEYS.map(([key, text]) => make('div', '', make('dt', '', make('kbd', '', key)), make('dd', '', text))));
  return make('details', 'help', make('summary', '', 'Keys, when the graph has the focus'), list);
}
