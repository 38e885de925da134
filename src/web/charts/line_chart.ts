// A chart of lines through time, with all that belongs to it: title, legend with values, picture,
// table, cursor. Fixed height; the width is that of its place.
import uPlot from 'uplot';
import { AxisTop, highest, lowerBound, nearestIndex } from './axis';
import { clockText } from './clock';
import { cursorTime, joinCursor, leaveCursor, moveCursor } from './cursor';
import { DataTable } from './data_table';
import { make, SlowLabel, write } from './dom';
import { LineLegend } from './line_legend';
import { makePlot, type Scene } from './line_plot';
import { chartLabel, cursorText, markText, tableRows, TABLE_ROWS, type Window } from './line_words';
import { Painter } from './paint';
import { paletteOf } from './palette';
import type { LineChart, LineSeries, Mark, Range, Unit } from './types';
import { step } from './walk';
import { pageZone } from './zone';

interface Options {
  title: string;
  unit: Unit;
  describe?: string;
}

export function lineChart(options: Options): LineChart {
  return new Chart(options);
}

class Chart implements LineChart {
  readonly element: HTMLElement;
  private readonly picture = make('div', 'chart-picture');
  private readonly empty = make('div', 'chart-empty', 'waiting for the first sample');
  private readonly markText = make('span', 'chart-marks');
  private readonly status = make('div', 'chart-hidden');
  private readonly legend: LineLegend;
  private readonly table: DataTable;
  private readonly label: SlowLabel;
  private readonly painter: Painter;
  private readonly resize: ResizeObserver;
  private readonly axis: AxisTop;
  private plot: uPlot | null = null;
  private plotKey = '';
  private x: number[] = [];
  private window: Window = { x: [], first: 0, last: -1 };
  private scene: Scene;

  constructor(private readonly options: Options) {
    this.axis = new AxisTop(options.unit);
    this.legend = new LineLegend(options.unit);
    this.table = new DataTable(options.title, this.picture, () => this.painter.invalidate());
    this.status.setAttribute('role', 'status');
    this.picture.setAttribute('role', 'img');
    this.picture.tabIndex = 0;
    this.picture.append(this.empty);
    const title = make('figcaption', 'chart-title', options.title);
    this.element = make(
      'figure', 'chart',
      make('div', 'chart-head', title, this.markText, this.table.button),
      this.legend.element, this.picture, this.table.element, this.status,
    );
    this.label = new SlowLabel(this.picture);
    this.label.write(() => options.title, true);
    this.scene = {
      palette: paletteOf(this.element), series: [], marks: [], range: { fromMs: 0, toMs: 1 },
      top: 1, unit: options.unit, zone: pageZone(),
    };
    this.painter = new Painter(this.element, () => this.draw());
    this.resize = new ResizeObserver(() => this.painter.invalidate());
    this.resize.observe(this.element);
    this.listen();
    joinCursor(this);
  }

  update(x: number[], series: LineSeries[], marks: Mark[], range: Range): void {
    const span = (of: Range): number => of.toMs - of.fromMs;
    if (Math.abs(span(range) - span(this.scene.range)) > span(range) * 0.01) this.axis.forget();
    this.x = x;
    Object.assign(this.scene, { series, marks, range });
    this.painter.invalidate();
  }

  redraw(): void {
    this.painter.invalidate();
  }

  destroy(): void {
    leaveCursor(this);
    this.resize.disconnect();
    this.painter.destroy();
    this.plot?.destroy();
    this.plot = null;
  }

  showCursor(unixMs: number | null): void {
    if (!this.painter.inSight) return;
    const plot = this.plot;
    const index = unixMs === null ? -1 : this.indexAt(unixMs);
    if (plot && !this.table.open) {
      const left = index < 0 ? -10 : plot.valToPos(this.x[index] as number, 'x');
      plot.setCursor({ left, top: left < 0 ? -10 : 1 }, false);
    }
    write(this.markText, markText(this.scene.marks, this.scene.range, unixMs));
    const at = index < 0 ? null : { index, text: clockText(this.x[index] as number, this.scene.zone) };
    this.legend.update(this.scene.series, this.window.last, at);
  }

  // Of the sample that a cursor at that time means; -1 outside of the window.
  private indexAt(unixMs: number): number {
    const { fromMs, toMs } = this.scene.range;
    if (unixMs < fromMs || unixMs > toMs || this.window.last < this.window.first) return -1;
    const index = nearestIndex(this.x, unixMs);
    return Math.max(this.window.first, Math.min(this.window.last, index));
  }

  private draw(): void {
    const { scene } = this;
    scene.palette = paletteOf(this.element);
    scene.zone = pageZone();
    this.window = {
      x: this.x,
      first: lowerBound(this.x, scene.range.fromMs),
      last: lowerBound(this.x, scene.range.toMs + 1) - 1,
    };
    this.writeTexts();
    if (this.table.open) this.writeTable();
    else this.drawPlot();
    this.showCursor(cursorTime());
  }

  private drawPlot(): void {
    const { scene, window } = this;
    const width = this.picture.clientWidth;
    const height = this.picture.clientHeight;
    if (width < 80 || height < 40) return;
    const columns = scene.series.map((line) => line.values);
    scene.top = this.axis.top(highest(columns, window.first, window.last + 1), scene.range.toMs);
    const plot = this.plotFor(width, height);
    plot.setData([this.x, ...columns] as uPlot.AlignedData);
  }

  private plotFor(width: number, height: number): uPlot {
    const key = JSON.stringify(this.scene.series.map((line) => line.dash ?? 0));
    if (this.plot && this.plotKey === key) {
      if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height });
      return this.plot;
    }
    this.plot?.destroy();
    this.plotKey = key;
    this.plot = makePlot(this.picture, width, height, () => this.scene);
    return this.plot;
  }

  private writeTexts(): void {
    const { scene, window, options } = this;
    const hasData = scene.series.length > 0 && window.last >= window.first;
    this.empty.hidden = hasData;
    const title = options.describe ? `${options.title} (${options.describe})` : options.title;
    this.label.write(() => chartLabel(title, scene.series, window, scene.range, options.unit));
  }

  private writeTable(): void {
    const { scene, window, options } = this;
    const heads = ['time', ...scene.series.map((line) => line.label)];
    const rows = tableRows(scene.series, window, options.unit, scene.zone);
    this.table.update(`${options.title}, last ${TABLE_ROWS} samples, newest first`, heads, rows);
  }

  private listen(): void {
    const point = (event: PointerEvent): void => {
      const over = this.plot?.over;
      if (!over || !this.plot) return;
      const left = event.clientX - over.getBoundingClientRect().left;
      const index = this.indexAt(this.plot.posToVal(left, 'x'));
      moveCursor(index < 0 ? null : (this.x[index] as number));
    };
    this.picture.addEventListener('pointermove', point);
    this.picture.addEventListener('pointerdown', point);
    this.picture.addEventListener('pointerleave', () => moveCursor(null));
    this.picture.addEventListener('blur', () => moveCursor(null));
    this.picture.addEventListener('keydown', (event) => this.onKey(event));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape') return moveCursor(null);
    const { first, last } = this.window;
    const at = cursorTime();
    const current = at === null ? -1 : this.indexAt(at) - first;
    const place = step(event.key, Math.max(-1, current), last - first + 1);
    if (place === null) return;
    event.preventDefault();
    event.stopPropagation();
    const unixMs = this.x[first + place] as number;
    moveCursor(unixMs);
    write(this.status, cursorText(unixMs, first + place, this.scene.series, this.options.unit, this.scene.zone));
  }
}
