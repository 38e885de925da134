// One card for each server, client or system, in an order that stays.
import type { Members } from '../data/history';
import type { Member } from '../data/samples';
import type { Card, Frame } from './frame';
import { make, write } from './parts';
import { Sight } from './sight';

export class CardList implements Card {
  readonly element: HTMLElement;
  private readonly grid = make('div', 'cards');
  private readonly note = make('p', 'empty');
  private readonly cards = new Map<string, Card>();
  private readonly sight = new Sight();
  private frame: Frame | null = null;

  constructor(
    private readonly membersOf: (frame: Frame) => Members,
    private readonly makeCard: (member: Member) => Card,
    private readonly whyNone: (frame: Frame) => string,
  ) {
    this.element = make('div', 'card-list', this.grid, this.note);
  }

  update(frame: Frame): void {
    this.frame = frame;
    const { shown, leftOut } = this.membersOf(frame);
    this.keepOnly(new Set(shown.map(({ key }) => key)));
    for (const member of shown) this.cardOf(member);
    for (const card of this.cards.values()) if (this.sight.sees(card.element)) card.update(frame);
    const text = shown.length === 0 ? this.whyNone(frame)
      : leftOut > 0 ? `These are the busiest ${shown.length}; and ${leftOut} more.` : '';
    write(this.note, text);
    this.note.hidden = text === '';
  }

  redraw(): void {
    for (const card of this.cards.values()) card.redraw();
  }

  destroy(): void {
    this.keepOnly(new Set());
  }

  private cardOf(member: Member): Card {
    let card = this.cards.get(member.key);
    if (!card) {
      card = this.makeCard(member);
      this.cards.set(member.key, card);
      this.grid.append(card.element);
      const added = card;
      this.sight.watch(card.element, () => {
        if (this.frame) added.update(this.frame);
      });
    }
    return card;
  }

  private keepOnly(keys: ReadonlySet<string>): void {
    for (const [key, card] of this.cards) {
      if (keys.has(key)) continue;
      this.sight.forget(card.element);
      card.destroy();
      card.element.remove();
      this.cards.delete(key);
    }
  }
}
