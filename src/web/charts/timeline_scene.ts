// Everything that one drawing of the timeline needs, and what it leaves behind for the pointer.
import { threshold } from '../data/thresholds';
import type { AxisTop } from './axis';
import { LogScale } from './axis';
import type { Palette } from './palette';
import { type Lane, xOf } from './slots';
import type { LaneName, Layout } from './timeline_layout';
import type { HeapSamples, Range, TimelineEvent, Zone } from './types';
import type { Target } from './walk';

export const PAUSE_SCALE = new LogScale(0.1, 1000); // milliseconds
export const PAUSE_LIMITS = [
  { at: threshold('pause').warn, tone: 'warn', name: 'warning' },
  { at: threshold('pause').crit, tone: 'crit', name: 'critical' },
] as const;

export interface Shown extends Target {
  lane: LaneName;
  event: TimelineEvent;
  count: number; // events that this mark stands for
}

export interface Scene {
  ctx: CanvasRenderingContext2D;
  palette: Palette;
  layout: Layout;
  lane: Lane;
  events: readonly TimelineEvent[]; // in order of time
  heap: HeapSamples;
  heapAxis: AxisTop;
  range: Range;
  zone: Zone;
  shown: Shown[]; // what was drawn where
}

export function canvasX(unixMs: number, scene: { lane: Lane; layout: Layout }): number {
  return scene.layout.left + xOf(unixMs, scene.lane);
}

export const FONT = '11px system-ui, sans-serif';
export const SMALL_FONT = '10px system-ui, sans-serif';

// Text that stays readable on what lies below it.
export function haloText(scene: Scene, text: string, x: number, y: number): void {
  const { ctx, palette } = scene;
  ctx.save();
  ctx.lineWidth = 3;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = palette('card');
  ctx.strokeText(text, x, y);
  ctx.restore();
  ctx.fillText(text, x, y);
}

export function horizontal(ctx: CanvasRenderingContext2D, from: number, to: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(from, Math.round(y) + 0.5);
  ctx.lineTo(to, Math.round(y) + 0.5);
  ctx.stroke();
}

export function vertical(ctx: CanvasRenderingContext2D, x: number, from: number, to: number): void {
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, from);
  ctx.lineTo(Math.round(x) + 0.5, to);
  ctx.stroke();
}
