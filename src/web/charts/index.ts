// The room of charts: what the page draws, and how. It gets plain data and returns elements; it
// fetches nothing and knows no state of the page.
export { gauge } from './gauge';
export { histogram } from './histogram';
export { lineChart } from './line_chart';
export { sparkline } from './sparkline';
export { stackedBar } from './stacked_bar';
export { timeline } from './timeline';
export { setZone } from './zone';
export type {
  BarPart, Column, Drawn, Gauge, GaugeMark, HeapSamples, Histogram, LineChart, LineSeries, Mark,
  Range, Sparkline, StackedBar, Timeline, Unit,
} from './types';
