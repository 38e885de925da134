// The page: what its parts tell each other.
import { make } from '../cards/parts';
import { Controls, FIRST_CHOICES } from './controls';
import { Details } from './details';
import { Graph } from './graph';
import { head, help, legend, timeBar } from './parts';
import { mark, searchFor } from './search';
import type { PageData } from './seam';
import { FrameTable, stacksOf } from './stacks';
import { buildTree, type Source, type TreeNode, type View } from './tree';
import { count, factsOf, nameOf, share, whyEmpty } from './words';

function threadChoices({ profile, stacks }: Source): [string, string][] {
  const samples = profile.threads.map(() => 0);
  for (const stack of stacks) samples[stack.thread] = (samples[stack.thread] ?? 0) + stack.samples;
  const rows = profile.threads.map(([name, tid], i) => ({ i, name, tid, samples: samples[i] ?? 0 }));
  rows.sort((a, b) => b.samples - a.samples || a.i - b.i);
  return rows.map(({ i, name, tid, samples: of }) => [String(i), `${name} (${tid}): ${share(of, profile.samples)}`]);
}

export class Page {
  private readonly table = new FrameTable();
  private source: Source;
  private base: Source | null;
  private readonly controls: Controls;
  private readonly details: Details;
  private readonly graph: Graph;
  private readonly picture = make('div', 'graph');
  private readonly empty = make('p', 'empty');
  private readonly hidden = new Set<number>();
  private callersOf = -1;
  private tree: TreeNode;

  constructor(data: PageData, root: HTMLElement) {
    this.source = { profile: data.profile, stacks: stacksOf(data.profile, this.table) };
    this.base = data.base ? { profile: data.base, stacks: stacksOf(data.base, this.table) } : null;
    this.controls = new Controls(threadChoices(this.source), (what) => this.changed(what), (direction) => this.graph.selectFound(direction));
    this.details = new Details({
      zoom: (node) => this.graph.zoomTo(node), hide: (node) => this.hide(node),
      callers: (node) => this.showCallers(node), reset: () => this.reset(),
    });
    this.graph = new Graph(this.picture, (node, isKept) => this.tell(node, isKept));
    this.picture.tabIndex = 0;
    this.picture.setAttribute('role', 'tree');
    this.picture.setAttribute('aria-label', 'Flame graph');
    this.picture.addEventListener('pointerleave', () => this.tellSelected());
    document.addEventListener('keydown', (event) => this.key(event));
    this.tree = buildTree(this.source, this.base, this.table, this.view());
    const kinds = new Set(this.table.frames.map(({ kind }) => kind));
    const time = timeBar(data.profile);
    document.title = `CPU profile of ${nameOf(data.profile)}`;
    root.replaceChildren(head(data), ...(time ? [time] : []),
      make('main', 'main', this.controls.element, this.details.element, legend(this.base !== null, kinds), this.empty, this.picture), help());
    this.rebuild();
  }

  private view(): View {
    const { phase, thread, isReversed } = this.controls.choices;
    return { phase, thread, isReversed: isReversed || this.callersOf >= 0, callersOf: this.callersOf, hidden: this.hidden };
  }

  private changed(what: 'search' | 'tree' | 'looks'): void {
    if (what === 'search') {
      this.search();
      this.graph.redraw();
    }
    if (what === 'tree') {
      if (!this.controls.choices.isReversed) this.callersOf = -1;
      this.rebuild();
    }
    if (what === 'looks') this.draw();
  }

  private rebuild(): void {
    this.tree = buildTree(this.source, this.base, this.table, this.view());
    this.empty.hidden = this.tree.value > 0;
    this.empty.textContent = this.empty.hidden ? '' : whyEmpty(this.source.profile, this.view());
    this.picture.hidden = this.tree.value === 0;
    this.details.clear();
    this.showChips();
    this.draw();
  }

  private draw(): void {
    this.search();
    this.graph.show(this.tree, { isIcicle: this.controls.choices.isIcicle, isCompared: this.base !== null });
  }

  private search(): void {
    const { search, isRegex } = this.controls.choices;
    const { match, problem } = searchFor(search, isRegex);
    const found = mark(this.tree, match);
    this.picture.classList.toggle('searching', match !== null);
    const base = this.base ? `, ${share(found.base, this.tree.base)} of the base` : '';
    const said = match ? `matched ${share(found.value, this.tree.value)} (${count(found.value, 'sample')}, ${count(found.nodes, 'frame')})${base}` : '';
    this.controls.say(problem || said, problem !== '');
  }

  private showChips(): void {
    const chips = [...this.hidden].map((number) => ({
      text: `hidden: ${this.functionName(number)}`, remove: () => { this.hidden.delete(number); this.rebuild(); },
    }));
    if (this.callersOf >= 0) {
      chips.push({ text: `callers of ${this.functionName(this.callersOf)}`, remove: () => this.controls.set({ isReversed: false }, 'tree') });
    }
    this.controls.setChips(chips);
  }

  private functionName(number: number): string {
    return this.table.frames[number]?.name ?? '';
  }

  private tell(node: TreeNode, isKept: boolean): void {
    this.details.show(node, factsOf(node, this.tree, this.source.profile.hz, this.base !== null), isKept);
  }

  private tellSelected(): void {
    if (this.graph.selected) this.tell(this.graph.selected, true);
  }

  private hide(node: TreeNode): void {
    if (node.number < 0) return;
    this.hidden.add(node.number);
    this.rebuild();
  }

  private showCallers(node: TreeNode): void {
    if (node.number < 0) return;
    this.callersOf = node.number;
    this.controls.set({ isReversed: true }, 'tree');
  }

  private reset(): void {
    this.hidden.clear();
    this.callersOf = -1;
    this.controls.set(FIRST_CHOICES, 'tree');
  }

  // Keys belong to the graph while it has the focus; only the search's is everywhere.
  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const where = event.target as Element | null;
    const isTyping = where?.matches('input, select, textarea') ?? false;
    const isDone = event.key === '/' && !isTyping ? this.startSearch() : where === this.picture && this.keyInGraph(event.key);
    if (isDone) event.preventDefault();
  }

  private startSearch(): boolean {
    this.controls.search.focus();
    this.controls.search.select();
    return true;
  }

  private keyInGraph(key: string): boolean {
    const { isIcicle, isReversed } = this.controls.choices;
    const node = this.graph.selected;
    switch (key) {
      case 'ArrowUp': return this.graph.walk(isIcicle ? 'caller' : 'callee') || true;
      case 'ArrowDown': return this.graph.walk(isIcicle ? 'callee' : 'caller') || true;
      case 'ArrowLeft': return this.graph.walk('left') || true;
      case 'ArrowRight': return this.graph.walk('right') || true;
      case 'Home': return this.graph.walk('root') || true;
      case 'Enter': if (node) this.graph.zoomTo(node); return true;
      case 'Escape': this.graph.zoomOut(); return true;
      case 'n': this.graph.selectFound(1); return true;
      case 'N': this.graph.selectFound(-1); return true;
      case 'h': if (node) this.hide(node); return true;
      case 'c': if (node) this.showCallers(node); return true;
      case 'r': this.controls.set({ isReversed: !isReversed }, 'tree'); return true;
      case 'f': this.controls.turn(); return true;
      default: return false;
    }
  }
}
