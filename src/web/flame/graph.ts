// The picture: d3-flame-graph, and what it lacks: marks of what is found and selected, names for who
// hears the page, and keys.
import flamegraph, { type FlameGraph, type Place } from 'd3-flame-graph';
import { select } from 'd3-selection';
import { setAttribute } from '../charts/dom';
import { colourOf } from './colours';
import type { TreeNode } from './tree';
import { step, type Step } from './walk';
import { labelOf, spoken } from './words';

const FRAME_HEIGHT = 20;
const LEAST_WIDTH = 1;

export interface GraphOptions {
  isIcicle: boolean;
  isCompared: boolean;
}

// By size, so that the same functions stand at the same place in every picture; equal ones by name.
export function inOrder(a: TreeNode, b: TreeNode): number {
  return b.value - a.value || (a.frame.name < b.frame.name ? -1 : 1);
}

function sortAll(root: TreeNode): void {
  for (const stack = [root]; stack.length > 0;) {
    const node = stack.pop();
    if (!node) break;
    node.children.sort(inOrder);
    stack.push(...node.children);
  }
}

export class Graph {
  selected: TreeNode | null = null;
  zoomed: TreeNode | null = null;
  private root: TreeNode | null = null;
  private options: GraphOptions = { isIcicle: true, isCompared: false };
  private chart: FlameGraph<TreeNode> | null = null;
  private readonly places = new Map<TreeNode, Place<TreeNode>>();
  private readonly drawn = new Map<TreeNode, SVGGElement>();

  // `onSelect`: by pointer, key or search.
  constructor(private readonly box: HTMLElement, private readonly onSelect: (node: TreeNode, isKept: boolean) => void) {
    new ResizeObserver(() => this.resize()).observe(box);
  }

  show(root: TreeNode, options: GraphOptions): void {
    const { zoomed, selected } = this.root === root ? this : { zoomed: null, selected: null };
    this.root = root;
    this.options = options;
    this.selected = this.zoomed = null;
    this.box.replaceChildren();
    this.places.clear();
    this.drawn.clear();
    this.chart = null;
    if (root.value === 0) return;
    sortAll(root);
    this.chart = this.newChart(root);
    const selection = select(this.box);
    selection.datum(root);
    this.chart(selection);
    const top = (this.box as { __data__?: Place<TreeNode> }).__data__;
    top?.each((place) => this.places.set(place.data, place));
    this.decorate();
    if (zoomed) this.zoomTo(zoomed);
    this.select(selected ?? root, false);
  }

  private newChart(root: TreeNode): FlameGraph<TreeNode> {
    const { isIcicle, isCompared } = this.options;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    return flamegraph<TreeNode>()
      .width(this.box.clientWidth)
      .cellHeight(FRAME_HEIGHT)
      .minFrameSize(LEAST_WIDTH)
      .transitionDuration(calm ? 0 : 200)
      .inverted(isIcicle)
      .getName(({ data }) => labelOf(data, root, isCompared))
      .label(({ data }) => spoken(data, root, isCompared))
      .setColorMapper(({ data }) => colourOf(data, root, isCompared))
      .setDetailsHandler(() => {})
      .onHover(({ data }) => this.onSelect(data, false))
      .onClick(({ data }) => {
        this.zoomed = data;
        this.decorate();
        this.select(data, true);
      });
  }

  private resize(): void {
    if (!this.chart || this.box.clientWidth === 0) return;
    this.chart.width(this.box.clientWidth).update();
    this.decorate();
  }

  // After what is found has changed.
  redraw(): void {
    this.chart?.update();
    this.decorate();
  }

  zoomTo(node: TreeNode): void {
    const place = this.places.get(node);
    if (place) this.chart?.zoomTo(place);
  }

  zoomOut(): void {
    if (this.root) this.zoomTo(this.zoomed?.parent ?? this.root);
  }

  select(node: TreeNode, isByReader: boolean): void {
    if (this.selected) this.markSelected(this.selected, false);
    this.selected = node;
    this.markSelected(node, true);
    this.onSelect(node, true);
    if (isByReader) this.drawn.get(node)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  // False: nothing is there.
  walk(way: Step): boolean {
    if (!this.root) return false;
    const next = step(this.selected ?? this.root, way, (node) => this.drawn.has(node));
    if (!next) return false;
    this.select(next, true);
    return true;
  }

  // The next of what was found, in the order of the picture; each is brought to where it is seen.
  selectFound(direction: 1 | -1): void {
    const found = [...this.places.keys()].filter((node) => node.found);
    if (found.length === 0) return;
    const order = new Map([...this.places.keys()].map((node, i) => [node, i]));
    const here = this.selected ? order.get(this.selected) ?? -1 : -1;
    const rest = found.filter((node) => Math.sign((order.get(node) ?? 0) - here) === direction);
    const next = direction > 0 ? rest[0] ?? found[0] : rest[rest.length - 1] ?? found[found.length - 1];
    if (!next) return;
    if (!this.drawn.has(next)) this.zoomTo(next);
    this.select(next, true);
  }

  private markSelected(node: TreeNode, isSelected: boolean): void {
    const group = this.drawn.get(node);
    if (!group) return;
    group.classList.toggle('selected', isSelected);
    group.setAttribute('aria-selected', String(isSelected));
    if (isSelected) {
      group.parentNode?.append(group); // its outline lies over its neighbours
      setAttribute(this.box, 'aria-activedescendant', group.id);
    }
  }

  // The library writes classes anew whenever it draws.
  private decorate(): void {
    const { root } = this;
    if (!root) return;
    this.box.querySelector('svg')?.setAttribute('role', 'none');
    this.drawn.clear();
    for (const group of this.box.querySelectorAll<SVGGElement>('g.frame')) {
      const { data, depth, id } = (group as unknown as { __data__: Place<TreeNode> & { depth: number; id: number } }).__data__;
      this.drawn.set(data, group);
      group.id = `frame-${id}`;
      group.classList.add(`kind-${data.frame.kind}`);
      group.classList.toggle('found', data.found);
      group.setAttribute('role', 'treeitem');
      group.setAttribute('aria-level', String(depth + 1));
      group.setAttribute('aria-selected', String(data === this.selected));
      group.setAttribute('aria-label', spoken(data, root, this.options.isCompared));
    }
    if (this.selected) this.markSelected(this.selected, true);
  }
}
