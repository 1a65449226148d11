// All cards in their order. What has not changed is not touched; what moves keeps the reader's focus.
import { Card } from "/assets/register/board-card.js";
import { arrange } from "/assets/register/board-arrange.js";
import { sorted } from "/assets/register/board-order.js";

export class Cards {
  #cards = new Map();

  constructor(container, leaves) {
    this.container = container;
    this.leaves = leaves;
  }

  /** `touched`: ids whose cards are drawn anew, null for all. Gives what is shown, loudest first. */
  show(lines, now, touched = null) {
    const order = sorted(lines, now);
    const wanted = new Set(order.map(({ line }) => line.report_id));
    for (const [id, card] of this.#cards) {
      if (wanted.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    const focused = document.activeElement;
    const elements = order.map(({ line, rank }) => {
      const card = this.#card(line, touched);
      card.tick(now, rank);
      return card.element;
    });
    arrange(this.container, elements);
    if (focused && focused !== document.activeElement && this.container.contains(focused)) focused.focus({ preventScroll: true });
    this.leaves?.turn(order.map(({ line, rank }) => ({ element: this.#cards.get(line.report_id).element, rank })));
    return order;
  }

  #card(line, touched) {
    let card = this.#cards.get(line.report_id);
    if (!card) this.#cards.set(line.report_id, (card = new Card()));
    if (card.line !== line || touched === null) card.draw(line);
    return card;
  }
}
