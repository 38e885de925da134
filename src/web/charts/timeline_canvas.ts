// Two canvases on top of each other: what happened, drawn once a second, and the cursor and the
// selection, drawn whenever they move.
import { AxisTop } from './axis';
import { make } from './dom';
import { type Palette, paletteOf } from './palette';
import { timeOf } from './slots';
import { drawFlags, drawHoles } from './timeline_flags';
import { drawHeap, drawStalls, drawTimeAxis, drawTitles } from './timeline_lanes';
import { laneAt, layoutOf } from './timeline_layout';
import { drawPauses, drawThresholds } from './timeline_pauses';
import { canvasX, type Scene, type Shown, vertical } from './timeline_scene';
import type { HeapSamples, Range, TimelineEvent, Zone } from './types';
import { hit } from './walk';

export interface Content {
  events: readonly TimelineEvent[];
  heap: HeapSamples;
  range: Range;
  zone: Zone;
  stallNames: string[];
}

export class TimelineCanvas {
  readonly element: HTMLElement;
  private readonly below = make('canvas', 'timeline-canvas');
  private readonly above = make('canvas', 'timeline-canvas');
  private readonly heapAxis = new AxisTop({ base: 1024 });
  private scene: Scene | null = null;

  constructor() {
    this.element = make('div', 'timeline-picture', this.below, this.above);
  }

  forgetAxis(): void {
    this.heapAxis.forget();
  }

  draw(content: Content): void {
    const width = this.element.clientWidth;
    if (width < 120) return;
    const layout = layoutOf(width, content.stallNames);
    this.element.style.height = `${layout.height}px`;
    const ctx = fit(this.below, width, layout.height);
    fit(this.above, width, layout.height);
    const palette: Palette = paletteOf(this.element);
    const lane = { ...content.range, width: layout.width };
    const scene: Scene = { ...content, ctx, palette, layout, lane, heapAxis: this.heapAxis, shown: [] };
    ctx.save();
    ctx.clearRect(0, 0, width, layout.height);
    drawTimeAxis(scene);
    drawHeap(scene);
    drawPauses(scene);
    drawStalls(scene);
    drawHoles(scene);
    drawFlags(scene);
    drawThresholds(scene);
    drawTitles(scene);
    ctx.restore();
    this.scene = scene;
  }

  drawCursor(unixMs: number | null, selected: TimelineEvent | null): void {
    const { scene } = this;
    if (!scene) return;
    const ctx = this.above.getContext('2d') as CanvasRenderingContext2D;
    const { layout, palette } = scene;
    ctx.clearRect(0, 0, layout.left + layout.width + 20, layout.height);
    const within = (at: number): boolean => at >= scene.range.fromMs && at <= scene.range.toMs;
    if (selected && within(selected.unix_ms)) this.drawSelected(ctx, scene, selected);
    if (unixMs === null || !within(unixMs)) return;
    ctx.strokeStyle = palette('muted');
    ctx.lineWidth = 1;
    ctx.setLineDash([4, 3]);
    vertical(ctx, canvasX(unixMs, scene), layout.flags.height, layout.axis.top);
    ctx.setLineDash([]);
  }

  // What a pointer at that place means.
  at(clientX: number, clientY: number): { unixMs: number; shown: Shown | null } | null {
    const { scene } = this;
    if (!scene) return null;
    const box = this.above.getBoundingClientRect();
    const x = clientX - box.left;
    const lane = laneAt(clientY - box.top, scene.layout);
    const candidates = scene.shown.filter((shown) => shown.lane === (lane === 'heap' ? 'pause' : lane));
    const shown = candidates[hit(candidates, x)] ?? null;
    const inLane = Math.max(0, Math.min(scene.layout.width, x - scene.layout.left));
    return { unixMs: timeOf(inLane, scene.lane), shown };
  }

  private drawSelected(ctx: CanvasRenderingContext2D, scene: Scene, selected: TimelineEvent): void {
    const { layout, palette } = scene;
    const x = Math.round(canvasX(selected.unix_ms, scene));
    ctx.strokeStyle = palette('text');
    ctx.fillStyle = palette('text');
    ctx.lineWidth = 1;
    vertical(ctx, x, layout.flags.height, layout.axis.top);
    ctx.beginPath();
    ctx.moveTo(x + 0.5, layout.axis.top - 1);
    ctx.lineTo(x + 5.5, layout.axis.top + 6);
    ctx.lineTo(x - 4.5, layout.axis.top + 6);
    ctx.fill();
  }
}

// A canvas of that many CSS pixels, sharp on this screen; the old one where nothing changed.
function fit(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  const pixelWidth = Math.round(width * ratio);
  const pixelHeight = Math.round(height * ratio);
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const ctx = canvas.getContext('2d') as CanvasRenderingContext2D;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ctx;
}

