// All cards in their order. What has not changed is not touched; what moves keeps the reader's focus.
import { Card } from "/assets/register/board-card.js";
import { Groups } from "/assets/register/board-groups.js";
import { placesOf, sorted } from "/assets/register/board-order.js";

export class Cards {
  #cards = new Map();
  #second = 0;

  constructor(container, leaves) {
    this.container = container;
    this.leaves = leaves;
    this.groups = new Groups(container, leaves ? Infinity : undefined);
  }

  /** `touched`: ids whose cards are drawn anew, null for all. Gives what is shown, loudest first. */
  show(lines, now, touched = null) {
    const order = sorted(lines, now), ticks = this.#ticks(now);
    const wanted = new Set(order.map(({ line }) => line.report_id));
    for (const [id, card] of this.#cards) {
      if (wanted.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    const focused = document.activeElement;
    const shown = order.map(({ line, rank }) => {
      const card = this.#card(line, touched);
      if (ticks || card.rank !== rank) card.tick(now, rank);
      return { element: card.element, rank, places: placesOf(rank) };
    });
    this.groups.arrange(shown);
    if (focused && focused !== document.activeElement && this.container.contains(focused)) focused.focus({ preventScroll: true });
    this.leaves?.turn(shown);
    return order;
  }

  /** Clocks show seconds, and there are hundreds of them at each frame. */
  #ticks(now) {
    const second = Math.floor(now / 1000), ticks = second !== this.#second;
    this.#second = second;
    return ticks;
  }

  #card(line, touched) {
    let card = this.#cards.get(line.report_id);
    if (!card) this.#cards.set(line.report_id, (card = new Card()));
    if (card.line !== line || touched === null) card.draw(line, touched === null);
    return card;
  }
}
