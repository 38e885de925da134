// The lanes below the pauses, heap and stalls, and the axis of time that all share.
import type { StallEvent } from '../data/seam';
import { highest, lowerBound } from './axis';
import { timeTicks } from './clock';
import { sawTooth } from './saw';
import { placeLabels, thinLine, xOf } from './slots';
import { type Box, rowOf } from './timeline_layout';
import { canvasX, FONT, haloText, horizontal, type Scene, SMALL_FONT, vertical } from './timeline_scene';
import type { Column } from './types';
import { durationText, sizeText } from './words';

const PIXELS_PER_TICK = 76;

export function drawTimeAxis(scene: Scene): void {
  const { ctx, layout, palette, range } = scene;
  const ticks = timeTicks(range.fromMs, range.toMs, Math.max(1, layout.width / PIXELS_PER_TICK), scene.zone);
  ctx.font = FONT;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'center';
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette('line');
  ctx.fillStyle = palette('muted');
  ticks.atMs.forEach((at, index) => {
    const x = canvasX(at, scene);
    vertical(ctx, x, layout.flags.height, layout.axis.top + 4);
    ctx.fillText(ticks.texts[index] ?? '', x, layout.axis.top + 7);
  });
}

export function drawTitles(scene: Scene): void {
  const { ctx, layout, palette, heap } = scene;
  ctx.font = FONT;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillStyle = palette('text');
  const title = (text: string, box: Box): void => haloText(scene, fitted(ctx, text, layout.width), layout.left, box.top - 3);
  const last = heap.unixMs.length - 1;
  title('pauses, log scale; below the line: time to the safe point', layout.pause);
  title(`heap used ${sizeText(heap.used[last])}, trigger ${sizeText(heap.trigger[last])}`, layout.heap);
  title('loop stalls', layout.stalls[0] as Box);
}

export function drawHeap(scene: Scene): void {
  const { ctx, layout, palette, heap, range } = scene;
  const saw = sawTooth(scene.events, heap, range);
  const first = lowerBound(heap.unixMs, range.fromMs);
  const most = Math.max(highest([saw.used]), highest([heap.trigger], first));
  const top = scene.heapAxis.top(most, range.toMs);
  drawHeapScale(scene, top);
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, layout.heap.top - 1, layout.width, layout.heap.height + 2);
  ctx.clip();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = palette('trigger');
  ctx.setLineDash([5, 3]);
  strokeColumn(scene, heap.unixMs, heap.trigger, top);
  ctx.strokeStyle = palette('heap');
  ctx.setLineDash([]);
  strokeColumn(scene, saw.unixMs, saw.used, top);
  ctx.restore();
}

function drawHeapScale(scene: Scene, top: number): void {
  const { ctx, layout, palette } = scene;
  ctx.font = SMALL_FONT;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = palette('muted');
  ctx.strokeStyle = palette('line');
  ctx.lineWidth = 1;
  for (const share of [0, 0.5, 1]) {
    const y = layout.heap.top + layout.heap.height * (1 - share);
    horizontal(ctx, layout.left, layout.left + layout.width, y);
    ctx.fillText(share === 0 ? '0' : sizeText(top * share), layout.left - 6, y);
  }
}

function strokeColumn(scene: Scene, unixMs: readonly number[], values: Column, top: number): void {
  const { ctx, layout, lane } = scene;
  const from = Math.max(0, lowerBound(unixMs, lane.fromMs) - 1);
  const x = unixMs.slice(from).map((at) => xOf(at, lane));
  const line = thinLine({ x, y: values.slice(from) });
  ctx.beginPath();
  let drawing = false;
  line.y.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const px = layout.left + (line.x[index] as number);
    const py = layout.heap.top + layout.heap.height * (1 - value / top);
    if (drawing) ctx.lineTo(px, py);
    else ctx.moveTo(px, py);
    drawing = true;
  });
  ctx.stroke();
}

export function drawStalls(scene: Scene): void {
  const { ctx, layout, palette } = scene;
  ctx.font = SMALL_FONT;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  ctx.strokeStyle = palette('line');
  layout.stalls.forEach((box, row) => {
    ctx.fillStyle = palette('muted');
    ctx.fillText(fitted(ctx, layout.stallNames[row] ?? '', layout.left - 10), layout.left - 6, box.top + box.height / 2);
    horizontal(ctx, layout.left, layout.left + layout.width, box.top + box.height);
  });
  const rows: StallEvent[][] = layout.stalls.map(() => []);
  for (const event of scene.events) {
    if (event.kind === 'stall' && event.unix_ms <= scene.range.toMs) rows[rowOf(event.system, layout)]?.push(event);
  }
  rows.forEach((stalls, row) => drawStallRow(scene, stalls, layout.stalls[row] as Box));
}

function drawStallRow(scene: Scene, stalls: StallEvent[], box: Box): void {
  const { ctx, layout, palette } = scene;
  const right = layout.left + layout.width;
  const labels: { x: number; width: number; rank: number; text: string }[] = [];
  ctx.fillStyle = palette('stall');
  for (const event of stalls) {
    const from = Math.max(layout.left, canvasX(event.unix_ms, scene));
    const to = Math.min(right, Math.max(from + 2, canvasX(event.unix_ms + event.busy_ms, scene)));
    if (to <= layout.left || canvasX(event.unix_ms + event.busy_ms, scene) < layout.left) continue;
    ctx.fillRect(Math.round(from), box.top + 3, Math.max(2, Math.round(to - from)), box.height - 5);
    scene.shown.push({ lane: 'stall', from, to, length: event.busy_ms, event, count: 1 });
    const text = durationText(event.busy_ms);
    const width = 6 * text.length;
    labels.push({ x: to + 4 + width / 2 - layout.left, width, rank: event.busy_ms, text });
  }
  ctx.fillStyle = palette('text');
  ctx.textAlign = 'center';
  for (const index of placeLabels(labels, layout.width, 12)) {
    const label = labels[index] as (typeof labels)[number];
    haloText(scene, label.text, layout.left + label.x, box.top + box.height / 2 + 1);
  }
}

// A name cut to a width, with an ellipsis.
function fitted(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && ctx.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
