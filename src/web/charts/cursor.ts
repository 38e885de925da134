// One cursor over all charts of the page: a time, or none. Who moves it tells the others.

export interface CursorView {
  showCursor(unixMs: number | null): void;
}

const views = new Set<CursorView>();
let atMs: number | null = null;

export function joinCursor(view: CursorView): void {
  views.add(view);
}

export function leaveCursor(view: CursorView): void {
  views.delete(view);
}

export function cursorTime(): number | null {
  return atMs;
}

export function moveCursor(unixMs: number | null): void {
  if (unixMs === atMs) return;
  atMs = unixMs;
  for (const view of views) view.showCursor(unixMs);
}
