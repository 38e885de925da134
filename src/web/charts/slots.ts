// Many events on few pixels: a lane is cut into slots of some pixels each, and each shows its
// longest event and how many it holds. Slots begin at fixed times, not at fixed pixels, so that an
// event stays with its neighbours while the window moves on.

export interface Slot {
  x: number; // left edge, in pixels of the lane
  count: number;
  longest: number; // place in the list of events
}

export interface Lane {
  fromMs: number;
  toMs: number;
  width: number;
}

export function xOf(unixMs: number, lane: Lane): number {
  return ((unixMs - lane.fromMs) / (lane.toMs - lane.fromMs)) * lane.width;
}

export function timeOf(x: number, lane: Lane): number {
  return lane.fromMs + (x / lane.width) * (lane.toMs - lane.fromMs);
}

// Events are in order of their times. `lengthOf` is what "longest" means; null counts, but loses.
export function fillSlots<T>(
  events: readonly T[],
  lane: Lane,
  slotPixels: number,
  timeOfEvent: (event: T) => number,
  lengthOf: (event: T) => number | null,
): Slot[] {
  const slotMs = (slotPixels * (lane.toMs - lane.fromMs)) / lane.width;
  const slots: Slot[] = [];
  let last: Slot | undefined;
  let lastNumber = NaN;
  let lastLength = -Infinity;
  events.forEach((event, index) => {
    const at = timeOfEvent(event);
    if (at < lane.fromMs || at > lane.toMs) return;
    const number = Math.floor(at / slotMs);
    const length = lengthOf(event) ?? -1;
    if (last === undefined || number !== lastNumber) {
      last = { x: xOf(number * slotMs, lane), count: 1, longest: index };
      slots.push(last);
      lastNumber = number;
      lastLength = length;
      return;
    }
    last.count++;
    if (length > lastLength) {
      last.longest = index;
      lastLength = length;
    }
  });
  return slots;
}

export interface Label {
  x: number; // its middle
  width: number;
  rank: number; // who gets the place where two want it: the higher
}

// Which of some labels on one line can stand without touching another. Places in the list.
export function placeLabels(labels: readonly Label[], laneWidth: number, most: number, gap = 4): number[] {
  const order = labels.map((_, index) => index);
  order.sort((a, b) => (labels[b] as Label).rank - (labels[a] as Label).rank || a - b);
  const taken: { from: number; to: number; index: number }[] = [];
  for (const index of order) {
    if (taken.length >= most) break;
    const label = labels[index] as Label;
    const from = label.x - label.width / 2;
    const to = label.x + label.width / 2;
    if (from < 0 || to > laneWidth) continue;
    if (taken.some((other) => from < other.to + gap && to > other.from - gap)) continue;
    taken.push({ from, to, index });
  }
  return taken.map((place) => place.index).sort((a, b) => a - b);
}

export interface Line {
  x: number[];
  y: (number | null)[]; // null: a gap
}

// A line of more points than pixels, as the first, least, greatest and last of each pixel: it looks
// the same and is drawn in a tenth of the time.
export function thinLine(line: Line): Line {
  const thin: Line = { x: [], y: [] };
  let index = 0;
  while (index < line.x.length) {
    const pixel = Math.floor(line.x[index] as number);
    let end = index;
    while (end < line.x.length && Math.floor(line.x[end] as number) === pixel) end++;
    pushPixel(thin, line, index, end);
    index = end;
  }
  return thin;
}

function pushPixel(thin: Line, line: Line, from: number, to: number): void {
  if (to - from <= 4) {
    for (let index = from; index < to; index++) pushPoint(thin, line, index);
    return;
  }
  let least = -1;
  let most = -1;
  let gap = -1;
  for (let index = from; index < to; index++) {
    const y = line.y[index];
    if (y == null) {
      gap = index;
      continue;
    }
    if (least < 0 || y < (line.y[least] as number)) least = index;
    if (most < 0 || y > (line.y[most] as number)) most = index;
  }
  const kept = [from, least, most, gap, to - 1].filter((index) => index >= 0).sort((a, b) => a - b);
  kept.forEach((index, place) => {
    if (index !== kept[place - 1]) pushPoint(thin, line, index);
  });
}

function pushPoint(thin: Line, line: Line, index: number): void {
  thin.x.push(line.x[index] as number);
  thin.y.push(line.y[index] ?? null);
}
