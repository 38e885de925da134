// Where the lanes of the timeline lie, in CSS pixels of its canvas.
import { GUTTER, RIGHT_PADDING } from './gutter';
import type { TimelineEvent } from './types';

export const MOST_STALL_ROWS = 6;
export const OTHER_SYSTEMS = 'others';

const FLAGS = 34;
const TITLE = 16;
const PAUSE_UP = 116;
const PAUSE_DOWN = 46;
const HEAP = 84;
const STALL_ROW = 16;
const SPACE = 8;
const AXIS = 22;

export interface Box {
  top: number;
  height: number;
}

export interface Layout {
  left: number;
  width: number; // of the lanes, without gutter
  height: number; // of everything
  flags: Box;
  pause: Box; // bars grow upwards from its bottom
  safepoint: Box; // and downwards from its top
  heap: Box;
  stalls: Box[];
  stallNames: string[];
  axis: Box;
}

export function layoutOf(canvasWidth: number, stallNames: string[]): Layout {
  let top = 0;
  const take = (height: number, space = 0): Box => {
    const box = { top: top + space, height };
    top += space + height;
    return box;
  };
  const flags = take(FLAGS);
  const pause = take(PAUSE_UP, TITLE);
  const safepoint = take(PAUSE_DOWN);
  const heap = take(HEAP, SPACE + TITLE);
  take(0, SPACE + TITLE);
  const stalls = stallNames.map(() => take(STALL_ROW));
  const axis = take(AXIS);
  const width = Math.max(1, canvasWidth - GUTTER - RIGHT_PADDING);
  return { left: GUTTER, width, height: top, flags, pause, safepoint, heap, stalls, stallNames, axis };
}

// A row for each system: those that the page names, then those that events name, and past the limit
// one for all others.
export function stallRows(systems: readonly string[], events: readonly TimelineEvent[]): string[] {
  const names = [...new Set(systems)];
  for (const event of events) {
    if (event.kind === 'stall' && !names.includes(event.system)) names.push(event.system);
  }
  if (names.length === 0) return [''];
  if (names.length <= MOST_STALL_ROWS) return names;
  return [...names.slice(0, MOST_STALL_ROWS - 1), OTHER_SYSTEMS];
}

export function rowOf(system: string, layout: Layout): number {
  const row = layout.stallNames.indexOf(system);
  return row >= 0 ? row : layout.stallNames.length - 1;
}

export type LaneName = 'flags' | 'pause' | 'heap' | 'stall';

export function laneAt(y: number, layout: Layout): LaneName {
  if (y < layout.flags.top + layout.flags.height) return 'flags';
  if (y < layout.safepoint.top + layout.safepoint.height + SPACE / 2) return 'pause';
  return y < layout.heap.top + layout.heap.height + SPACE / 2 ? 'heap' : 'stall';
}
