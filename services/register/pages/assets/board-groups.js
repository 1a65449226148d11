// Cards in groups of whole rows: the browser passes over a group that is out of sight, and so hundreds of cards cost
// at each frame what a few dozen do.
import { arrange } from "/assets/register/board-arrange.js";

const ROWS = 6;

export class Groups {
  #groups = [];
  #columns = 1;

  /** `rows` in a group; a wall shows few cards and has one group of all. */
  constructor(container, rows = ROWS) {
    Object.assign(this, { container, rows });
    this.#grow(1);
    new ResizeObserver(() => this.#measure()).observe(container);
  }

  /** Cards with the `places` that each takes of a row; the container has exactly these, in this order, afterwards. */
  arrange(cards) {
    const filled = split(cards, this.#columns * this.rows);
    this.#grow(filled.length);
    filled.forEach((elements, n) => arrange(this.#groups[n], elements));
    for (const group of this.#groups.splice(Math.max(1, filled.length))) group.remove();
  }

  #grow(wanted) {
    while (this.#groups.length < wanted) {
      const group = document.createElement("div");
      group.className = "group";
      this.#groups.push(group);
      this.container.append(group);
    }
  }

  #measure() {
    this.#columns = getComputedStyle(this.#groups[0]).gridTemplateColumns.split(" ").length;
  }
}

/** As many as fill the rows, so that no row ends before its group does. */
function split(cards, most) {
  const filled = [[]];
  let left = most;
  for (const { element, places } of cards) {
    if (places > left) {
      filled.push([]);
      left = most;
    }
    filled.at(-1).push(element);
    left -= places;
  }
  return filled;
}
