// The colour of a frame, as one of the stylesheet's: another theme needs no drawing.
import type { TreeNode } from './tree';
import { deltaOf } from './words';

const SHADES = 4;

// Neighbours of one kind are told apart by shades of its hue; a function has the same everywhere.
export function shadeOf(name: string): number {
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) % 65_521;
  return hash % SHADES;
}

// From how many points on a difference has the next stronger colour.
const STEPS = [0.1, 1, 5, 15];

export function differenceColour(node: TreeNode, root: TreeNode): string {
  if (root.base === 0 || node.base === 0) return 'var(--new)';
  const points = deltaOf(node, root);
  const strength = STEPS.filter((step) => Math.abs(points) >= step).length;
  if (strength === 0) return 'var(--same)';
  return `var(--${points > 0 ? 'more' : 'less'}-${strength})`;
}

export function colourOf(node: TreeNode, root: TreeNode, isCompared: boolean): string {
  if (isCompared) return differenceColour(node, root);
  return node.frame.kind === 'marker' ? 'var(--marker)' : `var(--${node.frame.kind}-${shadeOf(node.frame.name)})`;
}
