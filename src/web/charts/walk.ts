// From key or pointer to a place in a list.

// Where a key leads from `current` (-1: nowhere yet) in a list; null where it means nothing here.
export function step(key: string, current: number, length: number): number | null {
  if (length === 0) return null;
  const last = length - 1;
  const within = (place: number): number => Math.max(0, Math.min(last, place));
  switch (key) {
    case 'ArrowLeft':
      return current < 0 ? last : within(current - 1);
    case 'ArrowRight':
      return current < 0 ? last : within(current + 1);
    case 'PageUp':
      return current < 0 ? last : within(current - 10);
    case 'PageDown':
      return current < 0 ? last : within(current + 10);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

export interface Target {
  from: number; // pixels
  to: number;
  length: number; // what matters more of two that are as near
}

// Which of some marks a pointer means: the longest of those within `reach` pixels, else the nearest
// within 24 pixels; -1: none.
export function hit(targets: readonly Target[], x: number, reach = 3): number {
  let nearest = -1;
  let nearestDistance = 24;
  let longest = -1;
  targets.forEach((target, index) => {
    const distance = Math.max(0, target.from - x, x - target.to);
    if (distance <= reach && (longest < 0 || target.length > (targets[longest] as Target).length)) longest = index;
    if (distance < nearestDistance) {
      nearest = index;
      nearestDistance = distance;
    }
  });
  return longest >= 0 ? longest : nearest;
}
