// What the page says, as texts.
import { dateTime, figures, percent, seconds } from '../data/format';
import type { Kind, Profile, ThreadTime } from './seam';
import { samplesWith, type PhaseChoice, type TreeNode, type View } from './tree';

export const KINDS: Record<Kind, string> = {
  lisp: 'Lisp', native: 'native', gc: 'garbage collector', kernel: 'kernel', marker: 'no function',
};

export const PHASES: Record<PhaseChoice, string> = {
  all: 'all phases', outside: 'outside of GC pauses', inside: 'inside GC pauses', collecting: 'collecting garbage',
};

const whole = new Intl.NumberFormat('en');

export function count(value: number, thing = ''): string {
  if (thing === '') return whole.format(value);
  return `${whole.format(value)}\u00a0${thing}${value === 1 ? '' : 's'}`;
}

export function share(part: number, all: number): string {
  return all > 0 ? percent.format(part / all) : '–';
}

// Of how many points of all samples more or less than in the base.
export function deltaOf(node: TreeNode, root: TreeNode): number {
  if (root.value === 0 || root.base === 0) return 0;
  return 100 * (node.value / root.value - node.base / root.base);
}

export function signed(points: number): string {
  const text = figures(Math.abs(points));
  if (Number(text) === 0) return '±0';
  return (points < 0 ? '−' : '+') + text;
}

export function difference(node: TreeNode, root: TreeNode): string {
  if (root.base === 0) return 'nothing to compare with: the base has no samples here';
  if (node.base === 0) return 'new: not in the base';
  const words = `${signed(deltaOf(node, root))} points: ${share(node.base, root.base)} of the base`;
  return `${words} (${count(node.base, 'sample')})`;
}

// The facts of a frame: a name of each, and its text.
export function factsOf(node: TreeNode, root: TreeNode, hz: number, isCompared: boolean): [string, string][] {
  const facts: [string, string][] = [['of all', share(node.value, root.value)]];
  if (isCompared) facts.push(['compared', difference(node, root)]);
  if (node.parent) facts.push([node.parent === root ? 'of its parent (all)' : 'of its parent', share(node.value, node.parent.value)]);
  facts.push(['samples', count(node.value)]);
  if (hz > 0) facts.push(['CPU time', seconds.format(node.value / hz)]);
  facts.push(['itself', share(node.self, root.value)]);
  if (node.number >= 0) facts.push(['everywhere', share(samplesWith(root, node.number), root.value)]);
  if (node.parent) facts.push(['kind', KINDS[node.frame.kind]]);
  if (node.frame.module) facts.push(['in', node.frame.module]);
  if (node.frame.file) facts.push(['source', node.frame.file]);
  return facts;
}

// What stands in the frame itself.
export function labelOf(node: TreeNode, root: TreeNode, isCompared: boolean): string {
  return isCompared && node !== root ? `${node.frame.name} ${signed(deltaOf(node, root))}` : node.frame.name;
}

// A frame in one sentence, for who hears the page.
export function spoken(node: TreeNode, root: TreeNode, isCompared: boolean): string {
  const words = [labelOf(node, root, isCompared), KINDS[node.frame.kind], `${share(node.value, root.value)} of all`, count(node.value, 'sample')];
  if (isCompared) words.push(difference(node, root));
  return words.join(', ');
}

export function nameOf(profile: Profile): string {
  return profile.process || profile.exe.slice(profile.exe.lastIndexOf('/') + 1) || 'process';
}

export function headFacts(profile: Profile): [string, string][] {
  const facts: [string, string][] = [
    ['process', `${nameOf(profile)} (pid ${profile.pid})`],
    ['build id', profile.build_id || 'none'],
    ['begun', `${dateTime(profile.begun_unix_ms, 'utc')} UTC`],
    ['taken for', seconds.format(profile.seconds)],
    ['rate', `${profile.hz}\u00a0Hz`],
    ['CPU used', profile.cpu_seconds === null ? 'not known' : seconds.format(profile.cpu_seconds)],
    ['samples', count(profile.samples)],
    ['truncated', count(profile.truncated)],
    ['failed', count(profile.failed)],
    ['lost', count(profile.lost)],
    ['exporter', profile.version],
  ];
  return facts;
}

// Why nothing is drawn.
export function whyEmpty(profile: Profile, view: View): string {
  if (profile.ends.length === 0) return `${profile.caveats.join('. ')}.`;
  const wishes: string[] = [];
  if (view.phase !== 'all') wishes.push(`is of "${PHASES[view.phase]}"`);
  if (view.thread >= 0) wishes.push(`is of the thread ${profile.threads[view.thread]?.[0] ?? ''}`);
  if (view.hidden.size > 0) wishes.push('has no hidden function');
  return `Nothing to draw: of ${count(profile.samples, 'sample')} none ${wishes.join(' and ')}.`;
}

export interface TimePart {
  id: keyof ThreadTime;
  seconds: number;
  words: string;
}

const TIME_WORDS: [keyof ThreadTime, string][] = [
  ['running', 'ran'], ['queued', 'waited for a processor'], ['paused', 'stood still for collections'], ['polling', 'waited for events'],
  ['blocked', 'waited otherwise'],
];

// Where the time of all threads went, as far as it is known.
export function timeParts(time: ThreadTime): TimePart[] {
  return TIME_WORDS.flatMap(([id, verb]) => {
    const value = time[id];
    return value === null ? [] : [{ id, seconds: value, words: `${verb} ${seconds.format(value)}` }];
  });
}
