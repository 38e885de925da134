// The way of the arrow keys through the tree: over what is drawn, and on to what is near it.
import type { TreeNode } from './tree';

export type Step = 'caller' | 'callee' | 'left' | 'right' | 'root';

// `isDrawn` says whether a node can be seen: what is too narrow for a pixel is passed over. Null: there
// is nothing on that side.
export function step(node: TreeNode, way: Step, isDrawn: (node: TreeNode) => boolean): TreeNode | null {
  switch (way) {
    case 'caller': return node.parent;
    case 'callee': return widest(node.children.filter(isDrawn));
    case 'left': return beside(node, -1, isDrawn);
    case 'right': return beside(node, 1, isDrawn);
    case 'root': return rootOf(node);
  }
}

function rootOf(node: TreeNode): TreeNode {
  let root = node;
  while (root.parent) root = root.parent;
  return root;
}

function widest(nodes: TreeNode[]): TreeNode | null {
  return nodes.reduce<TreeNode | null>((best, node) => (best && best.value >= node.value ? best : node), null);
}

// In the order in which they are drawn. Past the last of its siblings it goes on below the next of its
// forefathers', on the same level.
function beside(node: TreeNode, direction: 1 | -1, isDrawn: (node: TreeNode) => boolean): TreeNode | null {
  const level: TreeNode[] = [];
  collect(rootOf(node), depthOf(node), isDrawn, level);
  return level[level.indexOf(node) + direction] ?? null;
}

function depthOf(node: TreeNode): number {
  let depth = 0;
  for (let at = node.parent; at; at = at.parent) depth++;
  return depth;
}

function collect(node: TreeNode, depth: number, isDrawn: (node: TreeNode) => boolean, level: TreeNode[]): void {
  if (depth === 0) {
    level.push(node);
    return;
  }
  for (const child of node.children) if (isDrawn(child)) collect(child, depth - 1, isDrawn, level);
}
