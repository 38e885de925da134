// The lane of pauses: a bar for each collection from its begin on, as high as it was long, and below
// the line how long it took to bring the threads to their safe points.
import type { GcEvent } from '../data/seam';
import { fillSlots, placeLabels, type Slot } from './slots';
import { haloText, horizontal, PAUSE_SCALE, type Scene, SMALL_FONT, PAUSE_LIMITS } from './timeline_scene';
import { durationText } from './words';

const SLOT = 4;
const BAR = 3;
const LEAST_HEIGHT = 2;
const MOST_COUNTS = 80;
const COUNT_GAP = 14;

export function drawPauses(scene: Scene): void {
  drawScale(scene);
  const pauses = scene.events.filter((event): event is GcEvent => event.kind === 'gc');
  const slots = fillSlots(pauses, scene.lane, SLOT, (event) => event.unix_ms, weight);
  for (const slot of slots) drawBar(scene, slot, pauses[slot.longest] as GcEvent);
  drawSafepoints(scene, pauses);
  drawCounts(scene, slots, pauses);
}

// A collection that stopped nobody doesn't hide one that did.
function weight(event: GcEvent): number | null {
  if (event.pause_ms === null) return null;
  return event.world_stopped === false ? event.pause_ms * 1e-9 : event.pause_ms;
}

function barHeight(ms: number, height: number): number {
  return Math.max(LEAST_HEIGHT, PAUSE_SCALE.share(ms) * height);
}

function drawBar(scene: Scene, slot: Slot, event: GcEvent): void {
  const { ctx, layout, palette } = scene;
  const x = Math.round(layout.left + slot.x);
  const height = Math.round(event.pause_ms === null ? BAR : barHeight(event.pause_ms, layout.pause.height));
  const bottom = layout.pause.top + layout.pause.height;
  if (event.world_stopped === false || event.pause_ms === null) {
    ctx.strokeStyle = palette('gc');
    ctx.lineWidth = 1;
    ctx.strokeRect(x + 0.5, bottom - height + 0.5, BAR - 1, height - 1);
  } else {
    ctx.fillStyle = palette('gc');
    ctx.fillRect(x, bottom - height, BAR, height);
  }
  const length = event.pause_ms ?? 0;
  scene.shown.push({ lane: 'pause', from: x, to: x + BAR, length, event, count: slot.count });
}

function drawSafepoints(scene: Scene, pauses: GcEvent[]): void {
  const { ctx, layout, palette } = scene;
  ctx.fillStyle = palette('safepoint');
  for (const slot of fillSlots(pauses, scene.lane, SLOT, (event) => event.unix_ms, (event) => event.safepoint_ms)) {
    const ms = (pauses[slot.longest] as GcEvent).safepoint_ms;
    if (ms === null) continue;
    ctx.fillRect(Math.round(layout.left + slot.x), layout.safepoint.top + 1, BAR, Math.round(barHeight(ms, layout.safepoint.height)));
  }
}

function drawCounts(scene: Scene, slots: Slot[], pauses: GcEvent[]): void {
  const { ctx, layout, palette } = scene;
  const many = slots.filter((slot) => slot.count > 1);
  ctx.font = SMALL_FONT;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  ctx.fillStyle = palette('text');
  const middle = (slot: Slot): number => slot.x + BAR / 2;
  const labels = many.map((slot) => ({ x: middle(slot), width: 8 + 6 * String(slot.count).length, rank: slot.count }));
  for (const index of placeLabels(labels, layout.width, MOST_COUNTS, COUNT_GAP)) {
    const slot = many[index] as Slot;
    const ms = (pauses[slot.longest] as GcEvent).pause_ms ?? 0;
    const top = layout.pause.top + layout.pause.height - barHeight(ms, layout.pause.height);
    haloText(scene, `×${slot.count}`, layout.left + middle(slot), Math.max(layout.pause.top + 10, top - 1));
  }
}

// Decades and thresholds, where the scale has them.
function drawScale(scene: Scene): void {
  const { ctx, layout, palette } = scene;
  const right = layout.left + layout.width;
  const bottom = layout.pause.top + layout.pause.height;
  ctx.font = SMALL_FONT;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  PAUSE_SCALE.decades().forEach((ms, index) => {
    const share = PAUSE_SCALE.share(ms);
    ctx.strokeStyle = palette('line');
    ctx.lineWidth = 1;
    ctx.fillStyle = palette('muted');
    horizontal(ctx, layout.left, right, bottom - share * layout.pause.height);
    ctx.fillText(durationText(ms), layout.left - 6, bottom - share * layout.pause.height);
    if (index > 0 && index % 2 === 0) {
      horizontal(ctx, layout.left, right, layout.safepoint.top + share * layout.safepoint.height);
      ctx.fillText(durationText(ms), layout.left - 6, layout.safepoint.top + share * layout.safepoint.height);
    }
  });
  ctx.strokeStyle = palette('muted');
  horizontal(ctx, layout.left, right, bottom);
}

// Over the bars, which would hide them where there are many.
export function drawThresholds(scene: Scene): void {
  const { ctx, layout, palette } = scene;
  const bottom = layout.pause.top + layout.pause.height;
  const right = layout.left + layout.width;
  ctx.save();
  ctx.lineWidth = 1;
  ctx.setLineDash([6, 4]);
  for (const { at, tone } of PAUSE_LIMITS) {
    ctx.strokeStyle = palette(tone);
    horizontal(ctx, layout.left, right, bottom - PAUSE_SCALE.share(at) * layout.pause.height);
  }
  ctx.restore();
  ctx.font = SMALL_FONT;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  for (const { at, tone, name } of PAUSE_LIMITS) {
    ctx.fillStyle = palette(tone);
    const y = bottom - PAUSE_SCALE.share(at) * layout.pause.height - 1;
    haloText(scene, `${name} ${durationText(at)}`, right - 2, y);
  }
}

