// A wall cannot be scrolled: what does not fit comes by turns, and what is overdue stays on every leaf.
import { say } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { OVERDUE } from "/assets/register/board-order.js";

const SECONDS = 10;

export class Leaves {
  #first = 0;
  #turned = performance.now();

  /** Of nine places, three by three; what is unassigned and overdue takes two. */
  constructor(sign, fits = 9, kept = 6) {
    Object.assign(this, { sign, fits, kept });
  }

  /** Cards in their order; hides all but this leaf's. */
  turn(cards) {
    const { pinned, leaves } = this.#split(cards);
    if (performance.now() - this.#turned > SECONDS * 1000) {
      this.#turned = performance.now();
      this.#first += 1;
    }
    const leaf = this.#first % leaves.length;
    const shown = new Set([...pinned, ...leaves[leaf]]);
    for (const card of cards) {
      if (card.element.hidden === shown.has(card)) card.element.hidden = !shown.has(card);
    }
    this.sign.hidden = leaves.length < 2;
    say(this.sign, t("第 {n} / {all} 屏", { n: leaf + 1, all: leaves.length }));
  }

  #split(cards) {
    const whole = cards.reduce((sum, card) => sum + card.places, 0) <= this.fits;
    const pinned = [];
    let kept = 0;
    for (const card of whole ? [] : cards) {
      if (card.rank > OVERDUE || kept + card.places > this.kept) break;
      pinned.push(card);
      kept += card.places;
    }
    const leaves = [[]];
    let left = this.fits - kept;
    for (const card of cards.slice(pinned.length)) {
      if (card.places > left) {
        leaves.push([]);
        left = this.fits - kept;
      }
      leaves.at(-1).push(card);
      left -= card.places;
    }
    return { pinned, leaves };
  }
}
