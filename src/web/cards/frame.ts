// One picture a tick: all that a card gets to draw, and what a card is.
import type { Facts } from '../data/facts';
import type { Mark } from '../data/marks';
import type { Scene } from '../data/scene';
import type { Finding } from '../data/verdict';

export interface Frame {
  scene: Scene;
  facts: Facts;
  findings: Finding[];
  marks: Mark[];
}

export interface Card {
  element: HTMLElement;
  update(frame: Frame): void;
  redraw(): void; // another theme or zone
  destroy(): void;
}
