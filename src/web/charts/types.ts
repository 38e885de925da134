// What the page and its charts say to each other. Plain data: nothing here knows the DOM's insides.
import type { Severity, TimelineEvent, Tone, Zone } from '../data/seam';

export type { Severity, TimelineEvent, Tone, Zone };

// One value for each x; null is unknown and shows as a gap.
export type Column = (number | null)[];

// How a number is written for people. `base: 1024` puts the axis at powers of two (sizes), `whole`
// keeps it from showing quarters of what comes in ones (connections).
export interface Unit {
  format(value: number): string;
  base?: 1000 | 1024;
  whole?: boolean;
}

export interface LineSeries {
  label: string;
  values: Column;
  tone: Tone;
  dash?: number[];
}

export interface Mark {
  unixMs: number;
  kind: 'gc' | 'restart';
  label: string;
}

export interface Range {
  fromMs: number;
  toMs: number;
}

export interface HeapSamples {
  unixMs: number[];
  used: Column;
  trigger: Column;
}

// What has a frame of its own: update() keeps what it gets and draws in the next frame in which the
// chart can be seen; redraw() is for another theme or zone; destroy() is owed when the chart goes.
export interface Drawn {
  element: HTMLElement;
  redraw(): void;
  destroy(): void;
}

export interface LineChart extends Drawn {
  update(x: number[], series: LineSeries[], marks: Mark[], range: Range): void;
}

export interface Timeline extends Drawn {
  update(events: TimelineEvent[], heap: HeapSamples, range: Range): void;
}

export interface Histogram {
  element: HTMLElement;
  update(bounds: number[], counts: number[] | null, why?: string): void;
}

export interface BarPart {
  label: string;
  value: number | null;
  tone: Tone;
}

export interface StackedBar {
  element: HTMLElement;
  update(parts: BarPart[]): void;
}

export interface GaugeMark {
  at: number;
  label: string;
}

export interface Gauge {
  element: HTMLElement;
  update(
    value: number | null,
    max: number | null,
    text: string,
    marks?: GaugeMark[],
    severity?: Severity,
  ): void;
}

export interface Sparkline {
  element: HTMLElement;
  update(values: Column): void;
}
