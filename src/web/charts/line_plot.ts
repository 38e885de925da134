// The uPlot of one line chart: how its axes, lines, marks and cursor look. Everything that changes
// comes through a Scene, which is asked at each drawing; the plot is made anew only where the
// number of lines or their dashes change.
import uPlot from 'uplot';
import { isolated, valueTicks } from './axis';
import { timeTicks } from './clock';
import { GUTTER, RIGHT_PADDING } from './gutter';
import type { Palette } from './palette';
import type { Column, LineSeries, Mark, Range, Unit, Zone } from './types';
import { UNKNOWN } from './words';

const FONT = '11px system-ui, sans-serif';
const PIXELS_PER_TIME = 72;
const PIXELS_PER_VALUE = 26;

export interface Scene {
  palette: Palette;
  series: LineSeries[];
  marks: Mark[];
  range: Range;
  top: number;
  unit: Unit;
  zone: Zone;
}

export function makePlot(target: HTMLElement, width: number, height: number, scene: () => Scene): uPlot {
  const options: uPlot.Options = {
    width,
    height,
    ms: 1,
    padding: [8, RIGHT_PADDING, 0, 0],
    legend: { show: false },
    cursor: cursorOptions(),
    scales: {
      x: { time: true, range: () => [scene().range.fromMs, scene().range.toMs] },
      y: { range: () => [0, scene().top] },
    },
    axes: [timeAxis(scene), valueAxis(scene)],
    series: [{}, ...scene().series.map((line, index) => lineOptions(line, index, scene))],
    hooks: { drawAxes: [(plot) => drawMarks(plot, scene())] },
  };
  const empty = [[], ...scene().series.map(() => [])] as unknown as uPlot.AlignedData;
  return new uPlot(options, empty, target);
}

// The page's one cursor moves this one; uPlot's own handlers would zoom and fight with it.
function cursorOptions(): uPlot.Cursor {
  const none = (): null => null;
  return {
    y: false,
    drag: { x: false, y: false },
    points: { size: 7 },
    bind: {
      mousedown: none, mouseup: none, click: none, dblclick: none,
      mousemove: none, mouseleave: none, mouseenter: none,
    },
  };
}

function timeAxis(scene: () => Scene): uPlot.Axis {
  const ticks = (plot: uPlot) => {
    const { range, zone } = scene();
    return timeTicks(range.fromMs, range.toMs, Math.max(1, plot.bbox.width / devicePixelRatio / PIXELS_PER_TIME), zone);
  };
  return {
    ...axisLook(scene),
    size: 26,
    splits: (plot) => ticks(plot).atMs,
    values: (plot) => ticks(plot).texts,
  };
}

function valueAxis(scene: () => Scene): uPlot.Axis {
  return {
    ...axisLook(scene),
    size: GUTTER,
    splits: (plot) => valueTicks(scene().top, plot.bbox.height / devicePixelRatio / PIXELS_PER_VALUE),
    values: (_plot, splits) => splits.map((value) => (value === 0 ? '0' : scene().unit.format(value))),
  };
}

function axisLook(scene: () => Scene): uPlot.Axis {
  const line = (): string => scene().palette('line');
  return {
    font: FONT,
    stroke: () => scene().palette('muted'),
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    gap: 4,
  };
}

function lineOptions(line: LineSeries, index: number, scene: () => Scene): uPlot.Series {
  const stroke = (): string => scene().palette(scene().series[index]?.tone ?? 'quiet');
  return {
    label: line.label || UNKNOWN,
    stroke,
    width: 1.5,
    ...(line.dash ? { dash: line.dash } : {}),
    points: {
      show: true,
      size: 5,
      fill: stroke,
      filter: (plot, seriesIndex) => {
        const [from, to] = plot.series[0]?.idxs ?? [0, -1];
        return isolated((plot.data[seriesIndex] ?? []) as Column, from, to);
      },
    },
  };
}

function drawMarks(plot: uPlot, scene: Scene): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const kind of ['gc', 'restart'] as const) {
    ctx.strokeStyle = scene.palette(kind === 'gc' ? 'gc' : 'text');
    ctx.setLineDash(kind === 'gc' ? [] : [5 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    let last = -1;
    let lines = 0;
    for (const mark of scene.marks) {
      if (mark.kind !== kind || mark.unixMs < scene.range.fromMs || mark.unixMs > scene.range.toMs) continue;
      const x = Math.round(plot.valToPos(mark.unixMs, 'x', true));
      if (x === last) continue;
      last = x;
      lines++;
      ctx.moveTo(x + 0.5, bbox.top);
      ctx.lineTo(x + 0.5, bbox.top + bbox.height);
    }
    // Many of them are a background, not a curtain.
    const spacing = bbox.width / devicePixelRatio / Math.max(1, lines);
    ctx.globalAlpha = kind === 'gc' ? Math.max(0.12, Math.min(0.5, spacing / 30)) : 1;
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  drawRestartLabels(plot, scene);
  ctx.restore();
}

function drawRestartLabels(plot: uPlot, scene: Scene): void {
  const { ctx, bbox } = plot;
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillStyle = scene.palette('text');
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  let free = -Infinity;
  for (const mark of scene.marks) {
    if (mark.kind !== 'restart' || mark.unixMs < scene.range.fromMs || mark.unixMs > scene.range.toMs) continue;
    const x = plot.valToPos(mark.unixMs, 'x', true);
    const width = ctx.measureText(mark.label).width + 6 * devicePixelRatio;
    const left = x + width > bbox.left + bbox.width ? x - width : x + 3 * devicePixelRatio;
    if (left < free) continue;
    ctx.fillText(mark.label, left, bbox.top + 1);
    free = left + width;
  }
}
