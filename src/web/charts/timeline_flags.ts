// What goes through all lanes, holes and the target's comings and goings, and the row of flags on
// top: captures, overload, bursts of connections.
import type { LostEvent, TimelineEvent } from '../data/seam';
import { placeLabels } from './slots';
import { canvasX, haloText, type Scene, SMALL_FONT, vertical } from './timeline_scene';
import { countText } from './words';

const LEAST_HOLE = 6;
const GLYPH_Y = 26;

interface Flag {
  event: TimelineEvent;
  x: number;
  text: string;
  rank: number;
}

export function drawHoles(scene: Scene): void {
  for (const event of scene.events) {
    if (event.kind === 'lost' && event.until_unix_ms >= scene.range.fromMs && event.unix_ms <= scene.range.toMs) {
      drawHole(scene, event);
    }
  }
}

function drawHole(scene: Scene, event: LostEvent): void {
  const { ctx, layout, palette } = scene;
  const right = layout.left + layout.width;
  const from = Math.max(layout.left, canvasX(event.unix_ms, scene));
  const to = Math.min(right, Math.max(from + LEAST_HOLE, canvasX(event.until_unix_ms, scene)));
  const top = layout.flags.height;
  const height = layout.axis.top - top;
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, top, to - from, height);
  ctx.clip();
  ctx.strokeStyle = palette('hole');
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = 1;
  ctx.strokeRect(from + 0.5, top, to - from - 1, height);
  ctx.beginPath();
  for (let y = Math.floor(top / 7) * 7; y < top + height + (to - from); y += 7) {
    ctx.moveTo(from, y);
    ctx.lineTo(to, y - (to - from));
  }
  ctx.stroke();
  ctx.restore();
  scene.shown.push({ lane: 'flags', from, to, length: event.count, event, count: event.count });
}

export function drawFlags(scene: Scene): void {
  const flags: Flag[] = [];
  for (const event of scene.events) {
    const flag = flagOf(event, scene);
    if (!flag || event.unix_ms > scene.range.toMs || flag.x < scene.layout.left) continue;
    flags.push(flag);
    drawGlyph(scene, flag);
    if (event.kind === 'lost') continue;
    scene.shown.push({ lane: 'flags', from: flag.x - 4, to: flag.x + 4, length: flag.rank, event, count: 1 });
  }
  drawFlagTexts(scene, flags);
}

function flagOf(event: TimelineEvent, scene: Scene): Flag | null {
  const at = (text: string, rank: number): Flag => ({ event, x: canvasX(event.unix_ms, scene), text, rank });
  switch (event.kind) {
    case 'target':
      return at(`${event.what} ${event.pid}`, 5);
    case 'lost': {
      const middle = (Math.max(event.unix_ms, scene.range.fromMs) + Math.min(event.until_unix_ms, scene.range.toMs)) / 2;
      return { event, x: canvasX(middle, scene), text: `${countText(event.count)} lost`, rank: 4 };
    }
    case 'capture':
      return at('capture', 3);
    case 'overload':
      return at(`${countText(event.count)} shed`, 2);
    case 'connections':
      return at(`${countText(Math.max(event.opened, event.closed))} conn.`, 1);
    default:
      return null;
  }
}

function drawFlagTexts(scene: Scene, flags: Flag[]): void {
  const { ctx, layout, palette } = scene;
  ctx.font = SMALL_FONT;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  ctx.fillStyle = palette('text');
  const labels = flags.map((flag) => {
    const width = ctx.measureText(flag.text).width;
    const x = Math.max(width / 2, Math.min(layout.width - width / 2, flag.x - layout.left));
    return { x, width, rank: flag.rank };
  });
  for (const index of placeLabels(labels, layout.width + 1, 20, 6)) {
    haloText(scene, (flags[index] as Flag).text, layout.left + (labels[index]?.x ?? 0), 5);
  }
}

// Shapes, not colours alone, tell the kinds apart.
function drawGlyph(scene: Scene, flag: Flag): void {
  const { ctx, layout, palette } = scene;
  const { x } = flag;
  const y = GLYPH_Y;
  ctx.lineWidth = 1;
  switch (flag.event.kind) {
    case 'target':
      ctx.save();
      ctx.strokeStyle = palette('text');
      ctx.setLineDash(flag.event.what === 'ended' ? [2, 3] : [8, 3]);
      ctx.lineWidth = 1.5;
      vertical(ctx, x, 19, layout.axis.top);
      ctx.restore();
      return;
    case 'capture':
      ctx.strokeStyle = palette('text');
      vertical(ctx, x, y - 7, y + 7);
      return fill(ctx, palette('tone-c'), [[x + 1, y - 7], [x + 9, y - 3.5], [x + 1, y]]);
    case 'overload':
      return fill(ctx, palette('crit'), [[x, y - 5], [x + 5, y + 5], [x - 5, y + 5]]);
    case 'connections':
      return fill(ctx, palette('tone-d'), [[x, y - 5], [x + 5, y], [x, y + 5], [x - 5, y]]);
    default:
  }
}

function fill(ctx: CanvasRenderingContext2D, colour: string, corners: [number, number][]): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  corners.forEach(([x, y], index) => (index === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.closePath();
  ctx.fill();
}
