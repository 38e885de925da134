// The page's one time zone, for the line charts; who sets it owes them a redraw().
import type { Zone } from './types';

let current: Zone = 'local';

export function setZone(zone: Zone): void {
  current = zone;
}

export function pageZone(): Zone {
  return current;
}
