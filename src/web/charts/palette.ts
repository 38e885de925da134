// Colours as the page's stylesheet has them now, read when something is drawn, so that another
// theme needs a redraw() and nothing else.

// For a page that doesn't define one, and for names that go by two.
const FALLBACK: Record<string, [also: string, colour: string]> = {
  text: ['text', '#8b949e'],
  muted: ['muted', '#8b949e'],
  card: ['card', 'transparent'],
  line: ['line', '#8b949e55'],
  ok: ['ok', '#3fb950'],
  warn: ['warning', '#d29922'],
  crit: ['critical', '#f85149'],
  quiet: ['muted', '#8b949e'],
  'tone-a': ['tone-a', '#3d8bfd'],
  'tone-b': ['tone-b', '#e08a00'],
  'tone-c': ['tone-c', '#2ba88a'],
  'tone-d': ['tone-d', '#c45fa0'],
  'tone-e': ['tone-e', '#8a7cf0'],
  'tone-f': ['tone-f', '#a08a3c'],
  gc: ['tone-e', '#a371f7'],
  safepoint: ['tone-b', '#e08a00'],
  stall: ['tone-b', '#e08a00'],
  heap: ['tone-a', '#3d8bfd'],
  trigger: ['tone-d', '#c45fa0'],
  hole: ['muted', '#8b949e'],
  focus: ['tone-a', '#3d8bfd'],
};

export type Palette = (name: string) => string;

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (name) => {
    let colour = known.get(name);
    if (colour === undefined) {
      const [also, fallback] = FALLBACK[name] ?? [name, '#8b949e'];
      const read = (property: string): string => style.getPropertyValue(`--${property}`).trim();
      colour = read(name) || read(also) || fallback;
      known.set(name, colour);
    }
    return colour;
  };
}

// The same names where CSS itself does the colouring.
export function toneValue(name: string): string {
  const [also, fallback] = FALLBACK[name] ?? [name, '#8b949e'];
  return `var(--${name}, var(--${also}, ${fallback}))`;
}
