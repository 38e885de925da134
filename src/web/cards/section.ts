// A part of the page that can be folded; whether it is, is remembered.
import type { Severity } from '../data/seam';
import type { Card, Frame } from './frame';
import { remember, remembered } from './memory';
import { Badge, make, setAttribute, write } from './parts';
import { Sight } from './sight';

const sight = new Sight();

export class Section {
  readonly element: HTMLElement;
  private readonly body: HTMLElement;
  private readonly fold: HTMLButtonElement;
  private readonly badge = new Badge();
  private readonly count = make('span', 'section-count');
  private frame: Frame | null = null;

  constructor(private readonly id: string, title: string, help: string, private readonly card: Card) {
    this.fold = make('button', 'fold', make('span', 'fold-arrow'), title);
    this.fold.type = 'button';
    this.fold.setAttribute('aria-controls', `${id}-body`);
    this.badge.element.hidden = true;
    const heading = make('h2', '', this.fold);
    this.body = make('div', 'section-body', make('p', 'help', help), card.element);
    this.body.id = `${id}-body`;
    this.element = make('section', 'section', make('div', 'section-head', heading, this.badge.element, this.count), this.body);
    this.element.id = id;
    this.fold.addEventListener('click', () => this.setOpen(this.body.hidden));
    this.setOpen(remembered(`fold.${id}`) !== 'closed', false);
    sight.watch(this.body, () => this.draw());
  }

  update(frame: Frame): void {
    this.frame = frame;
    this.judge(frame);
    if (sight.sees(this.body)) this.draw();
  }

  redraw(): void {
    this.card.redraw();
    this.draw();
  }

  setCount(text: string): void {
    write(this.count, text);
  }

  open(): void {
    if (this.body.hidden) this.setOpen(true);
    this.focus();
  }

  focus(): void {
    this.element.scrollIntoView({ block: 'start' });
    this.fold.focus({ preventScroll: true });
  }

  private draw(): void {
    if (this.frame && !this.body.hidden) this.card.update(this.frame);
  }

  // The worst of what was found here stands at the heading, also where the section is folded.
  private judge(frame: Frame): void {
    const worst = frame.findings.find((finding) => finding.section === this.id);
    const severity: Severity = worst?.severity ?? 'ok';
    this.badge.element.hidden = !worst;
    this.badge.set(severity);
    setAttribute(this.element, 'data-severity', severity);
  }

  private setOpen(open: boolean, remembering = true): void {
    this.body.hidden = !open;
    this.fold.setAttribute('aria-expanded', String(open));
    if (remembering) remember(`fold.${this.id}`, open ? 'open' : 'closed');
    this.draw();
  }
}
