// The tree that is drawn, made of those stacks that are wanted.
import type { Profile } from './seam';
import type { Frame, FrameTable, Phase, Stack } from './stacks';

export interface TreeNode {
  frame: Frame;
  number: number; // of its frame in the table; -1 of what is none
  value: number; // samples in it or in what it calls
  base: number; // the same in the profile to compare with
  self: number; // samples in it alone
  parent: TreeNode | null;
  children: TreeNode[];
  found: boolean; // by the search
}

export type PhaseChoice = 'all' | 'outside' | 'inside' | 'collecting';

export interface View {
  phase: PhaseChoice;
  thread: number; // of the profile; -1: all
  hidden: ReadonlySet<number>; // functions whose stacks are left out
  isReversed: boolean; // from what ran to who called it
  callersOf: number; // with isReversed, a function to begin with; -1: each
}

export const WHOLE: View = { phase: 'all', thread: -1, hidden: new Set(), isReversed: false, callersOf: -1 };

// Past so many nodes small ones are merged, as the exporter does it with what it sends.
export const MAX_NODES = 50_000;
const SMALL_SHARE = 0.0005;

function isWanted(phase: Phase, choice: PhaseChoice): boolean {
  switch (choice) {
    case 'all': return true;
    case 'outside': return phase === 'outside';
    case 'inside': return phase !== 'outside';
    case 'collecting': return phase === 'collecting';
  }
}

function newNode(frame: Frame, number: number, parent: TreeNode | null): TreeNode {
  return { frame, number, value: 0, base: 0, self: 0, parent, children: [], found: false };
}

// The frames of a stack from the tree's root on; null: it doesn't belong to it.
function pathOf(stack: Stack, view: View): number[] | null {
  if (!isWanted(stack.phase, view.phase)) return null;
  if (stack.frames.some((frame) => view.hidden.has(frame))) return null;
  if (!view.isReversed) return stack.frames;
  if (view.callersOf < 0) return [...stack.frames].reverse();
  // Who called it first: a recursion is not its own caller.
  const at = stack.frames.indexOf(view.callersOf);
  return at < 0 ? null : stack.frames.slice(0, at + 1).reverse();
}

export interface Source {
  profile: Profile;
  stacks: Stack[];
}

class Builder {
  readonly root: TreeNode;
  size = 1;
  private readonly children = new Map<TreeNode, Map<number, TreeNode>>();

  constructor(private readonly table: FrameTable) {
    this.root = newNode({ name: 'all', kind: 'marker', module: '', file: '' }, -1, null);
  }

  add(path: number[], samples: number): void {
    let node = this.root;
    node.value += samples;
    for (const number of path) {
      node = this.childOf(node, number);
      node.value += samples;
    }
    node.self += samples;
  }

  // What the base has beside is not drawn: it has no width here.
  addBase(path: number[], samples: number): void {
    this.root.base += samples;
    let node: TreeNode | undefined = this.root;
    for (const number of path) {
      node = this.children.get(node)?.get(number);
      if (!node) return;
      node.base += samples;
    }
  }

  private childOf(parent: TreeNode, number: number): TreeNode {
    let children = this.children.get(parent);
    if (!children) this.children.set(parent, children = new Map());
    let child = children.get(number);
    if (!child) {
      const frame = this.table.frames[number] ?? { name: '?', kind: 'marker', module: '', file: '' };
      child = newNode(frame, number, parent);
      children.set(number, child);
      parent.children.push(child);
      this.size++;
    }
    return child;
  }
}

export function buildTree(source: Source, base: Source | null, table: FrameTable, view: View, maxNodes = MAX_NODES): TreeNode {
  const builder = new Builder(table);
  for (const stack of source.stacks) {
    if (view.thread >= 0 && stack.thread !== view.thread) continue;
    const path = pathOf(stack, view);
    if (path) builder.add(path, stack.samples);
  }
  // Threads have other numbers in another run: there the name tells.
  const name = source.profile.threads[view.thread]?.[0];
  for (const stack of base?.stacks ?? []) {
    if (name !== undefined && base?.profile.threads[stack.thread]?.[0] !== name) continue;
    const path = pathOf(stack, view);
    if (path) builder.addBase(path, stack.samples);
  }
  if (builder.size > maxNodes) mergeSmall(builder.root);
  return builder.root;
}

function sizeOf(node: TreeNode): number {
  let size = 0;
  for (const stack = [node]; stack.length > 0;) {
    const one = stack.pop();
    if (!one) break;
    size++;
    stack.push(...one.children);
  }
  return size;
}

export function mergeSmall(root: TreeNode): void {
  const least = root.value * SMALL_SHARE;
  for (const stack = [root]; stack.length > 0;) {
    const node = stack.pop();
    if (!node) break;
    const small = node.children.filter((child) => child.value < least);
    node.children = node.children.filter((child) => child.value >= least);
    stack.push(...node.children);
    if (small.length === 0) continue;
    const nodes = small.reduce((sum, child) => sum + sizeOf(child), 0);
    const merged = newNode({ name: `(${nodes} small)`, kind: 'marker', module: '', file: '' }, -1, node);
    for (const child of small) {
      merged.value += child.value;
      merged.base += child.base;
    }
    merged.self = merged.value;
    node.children.push(merged);
  }
}

// Samples in stacks with the function, each once however often it is on its stack.
export function samplesWith(root: TreeNode, number: number): number {
  let sum = 0;
  for (const stack = [root]; stack.length > 0;) {
    const node = stack.pop();
    if (!node) break;
    if (node.number === number) sum += node.value;
    else stack.push(...node.children);
  }
  return sum;
}
