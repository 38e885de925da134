// What the timeline's marks mean, each with a sample of its shape.
import { make, makeSvg } from './dom';
import { toneValue } from './palette';

interface Sample {
  text: string;
  tone: string;
  path: string;
  hollow?: boolean;
  dash?: string;
}

const SAMPLES: Sample[] = [
  { text: 'pause', tone: 'gc', path: 'M5 1h4v11h-4z' },
  { text: 'concurrent: nobody stopped', tone: 'gc', path: 'M5.5 1.5h3v10h-3z', hollow: true },
  { text: 'to the safe point', tone: 'safepoint', path: 'M5 1h4v11h-4z' },
  { text: '×3: three here, the longest is drawn', tone: 'text', path: 'M3 3l8 8M11 3l-8 8', hollow: true },
  { text: 'heap used', tone: 'heap', path: 'M0 11L9 2V11L14 6', hollow: true },
  { text: 'trigger', tone: 'trigger', path: 'M0 6.5H14', hollow: true, dash: '5 3' },
  { text: 'stall', tone: 'stall', path: 'M1 3h12v7h-12z' },
  { text: 'events lost', tone: 'hole', path: 'M0 6L6 0M0 13L13 0M6 13L13 6', hollow: true },
  { text: 'target ended or started', tone: 'text', path: 'M7 0V13', hollow: true, dash: '3 2' },
  { text: 'capture', tone: 'tone-c', path: 'M3 13V0L12 4L3 8z' },
  { text: 'overload', tone: 'crit', path: 'M7 1L13 12H1z' },
  { text: 'burst of connections', tone: 'tone-d', path: 'M7 1L13 7L7 13L1 7z' },
];

export function timelineKey(): HTMLElement {
  return make('ul', 'timeline-key', ...SAMPLES.map(keyItem));
}

function keyItem(sample: Sample): HTMLElement {
  const picture = makeSvg('svg', { width: '14', height: '13', 'aria-hidden': 'true' });
  const path = makeSvg('path', { d: sample.path, fill: 'none' });
  if (sample.hollow) path.style.stroke = toneValue(sample.tone);
  else path.style.fill = toneValue(sample.tone);
  if (sample.dash) path.setAttribute('stroke-dasharray', sample.dash);
  picture.append(path);
  return make('li', '', picture, sample.text);
}
