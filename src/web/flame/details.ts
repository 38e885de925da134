// The line that says everything of one frame, and what can be done with it.
import { button, make, write } from '../cards/parts';
import type { TreeNode } from './tree';

export interface Deeds {
  zoom: (node: TreeNode) => void;
  hide: (node: TreeNode) => void;
  callers: (node: TreeNode) => void;
  reset: () => void;
}

export class Details {
  readonly element: HTMLElement;
  private readonly name = make('div', 'details-name');
  private readonly facts = make('div', 'details-facts');
  private readonly buttons: HTMLButtonElement[];
  private node: TreeNode | null = null;

  constructor(deeds: Deeds) {
    const on = (deed: (node: TreeNode) => void) => () => {
      if (this.node) deed(this.node);
    };
    this.buttons = [button('Zoom', on(deeds.zoom)), button('Hide', on(deeds.hide)), button('Callers', on(deeds.callers))];
    const reset = button('Reset', deeds.reset);
    reset.title = 'everything, as it was at first';
    // A long name is longer than its place: then the keyboard must be able to move it.
    const words = make('div', 'details-words', this.name, this.facts);
    words.tabIndex = 0;
    words.setAttribute('role', 'region');
    words.setAttribute('aria-label', 'What is known of the frame');
    this.element = make('section', 'details', words,
      make('div', 'details-deeds', ...this.buttons, reset));
    this.element.setAttribute('aria-label', 'Frame');
  }

  // `isKept`: the buttons are for it until another is selected; else it is only pointed at.
  show(node: TreeNode, facts: readonly (readonly [string, string])[], isKept: boolean): void {
    write(this.name, node.frame.name);
    this.facts.replaceChildren(...facts.flatMap(([name, text]) => [make('span', 'details-fact', make('b', '', text), ` ${name}`), ' ']));
    if (isKept) this.node = node;
    // What is no function can be zoomed into, and no more.
    this.buttons.forEach((one, i) => { one.disabled = i > 0 && (this.node?.number ?? -1) < 0; });
  }

  clear(): void {
    this.node = null;
    write(this.name, '');
    this.facts.replaceChildren();
    for (const one of this.buttons) one.disabled = true;
  }
}
