// Elements made and changed without markup. Texts are written only where they differ: that costs
// nothing, and a selection or a screen reader's place stays.

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// As many children as are needed, no more: new ones by `makeChild`, the rest stay as they are.
export function setLength<T extends Element>(parent: Element, children: T[], length: number, makeChild: () => T): void {
  while (children.length > length) children.pop()?.remove();
  while (children.length < length) {
    const child = makeChild();
    children.push(child);
    parent.append(child);
  }
}

// A text for screen readers that changes each second is written every 10 s at most.
export class SlowLabel {
  private writtenAt = -Infinity;

  constructor(private readonly element: Element) {}

  write(text: () => string, atOnce = false): void {
    const now = performance.now();
    if (!atOnce && now - this.writtenAt < 10_000) return;
    this.writtenAt = now;
    setAttribute(this.element, 'aria-label', text());
  }
}
