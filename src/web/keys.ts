// Keys for the whole page; in fields, and with other keys held, they mean what they always do.
export interface Keyed {
  togglePause(): void;
  setMinutes(minutes: number): void;
  toggleZone(): void;
  step(by: 1 | -1): void;
}

export function keyPressed(event: KeyboardEvent, page: Keyed): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target instanceof Element && event.target.closest('input, select, textarea')) return;
  switch (event.key) {
    case 'p': return page.togglePause();
    case '1': return page.setMinutes(1);
    case '5': return page.setMinutes(5);
    case '0': return page.setMinutes(10);
    case 'u': return page.toggleZone();
    case 'j': return page.step(1);
    case 'k': return page.step(-1);
  }
}
