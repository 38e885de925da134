// Where a row of stalls has room to say how long one was: beside its mark, never over another.
import { type Label, placeLabels } from './slots';

export interface StallMark {
  from: number; // pixels of the lane
  to: number;
  ms: number;
  width: number; // of its text
}

export interface StallLabel extends Label {
  mark: number; // place in the list of marks
}

export const MOST_STALL_LABELS = 12;
const GAP = 4;

// One that is worth a warning is labelled on either side that has room. Any other needs room on
// both: at the edge of a crowd nobody could tell whose label it is. Marks are in order of `from`.
export function stallLabels(marks: readonly StallMark[], laneWidth: number, warnMs: number): StallLabel[] {
  const wanted: StallLabel[] = [];
  let before = -Infinity; // where the last of the marks to the left ends
  marks.forEach((mark, index) => {
    const needed = mark.width + 2 * GAP;
    const after = marks[index + 1]?.from ?? Infinity;
    const left = mark.from - before >= needed;
    const right = after - mark.to >= needed;
    const inside = mark.to + GAP + mark.width <= laneWidth;
    before = Math.max(before, mark.to);
    if (mark.ms >= warnMs ? !left && !right : !left || !right) return;
    if (before > mark.to) return; // it lies in a longer one
    const x = right && (inside || !left) ? mark.to + GAP + mark.width / 2 : mark.from - GAP - mark.width / 2;
    wanted.push({ x, width: mark.width, rank: mark.ms, mark: index });
  });
  return placeLabels(wanted, laneWidth, MOST_STALL_LABELS).map((place) => wanted[place] as StallLabel);
}
