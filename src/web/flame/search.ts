// Which frames a reader looks for.
import type { TreeNode } from './tree';
import type { Frame } from './stacks';

export type Match = (frame: Frame) => boolean;
export type Search = { match: Match | null; problem: string };

// Plain text, in any case, unless `isRegex`. No match: nothing is looked for, or not by an expression
// that is one.
export function searchFor(text: string, isRegex: boolean): Search {
  if (text === '') return { match: null, problem: '' };
  if (!isRegex) {
    const wanted = text.toLowerCase();
    return { match: ({ name, module }) => name.toLowerCase().includes(wanted) || module.toLowerCase().includes(wanted), problem: '' };
  }
  try {
    const wanted = new RegExp(text, 'iu');
    return { match: ({ name, module }) => wanted.test(name) || wanted.test(module), problem: '' };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: */, '') : '';
    return { match: null, problem: `not a regular expression: ${reason}` };
  }
}

export interface Found {
  nodes: number;
  value: number; // samples in stacks with at least one of them, each once
  base: number;
}

// Marks what is found in the whole tree.
export function mark(root: TreeNode, match: Match | null): Found {
  const found: Found = { nodes: 0, value: 0, base: 0 };
  const visit = [{ node: root, isInside: false }];
  for (let at = visit.pop(); at; at = visit.pop()) {
    const { node, isInside } = at;
    node.found = match !== null && node !== root && match(node.frame);
    if (node.found) {
      found.nodes++;
      if (!isInside) {
        found.value += node.value;
        found.base += node.base;
      }
    }
    for (const child of node.children) visit.push({ node: child, isInside: isInside || node.found });
  }
  return found;
}
