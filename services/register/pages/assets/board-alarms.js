// Rings for what has become loud since the last look, and goes on for overdue work that nobody has.
import { t } from "/assets/words.js";
import { arm, isArmed, ring } from "/assets/sound.js";
import { announce } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { EMERGENCY_WAITING, OVERDUE, UNASSIGNED_OVERDUE, rankOf } from "/assets/register/board-order.js";

const APART_MS = 2000, AGAIN_MS = 20_000;
const TIMES = { [UNASSIGNED_OVERDUE]: 4, [OVERDUE]: 3, [EMERGENCY_WAITING]: 2 };

export class Alarms {
  #known = new Map();
  #rang = -Infinity;
  #first = true;

  constructor(button, sign) {
    Object.assign(this, { button, sign });
    button?.addEventListener("click", () => this.#arm());
    document.addEventListener("pointerdown", () => this.#arm(), { once: true });
    this.tell();
  }

  async #arm() {
    await arm();
    this.tell();
  }

  /** Whether it would be heard is always to be seen. */
  tell() {
    const on = isArmed();
    if (this.button) {
      this.button.setAttribute("aria-pressed", String(on));
      this.button.textContent = on ? t("声音已开") : t("开声音");
    }
    this.sign.textContent = on ? t("声音已开") : t("声音未开,点一下屏幕即开");
    this.sign.classList.toggle("off", !on);
  }

  /** Of all that is open now, in a replay too. Gives the lines that have become loud. */
  look(lines, now) {
    const fresh = [], loud = new Map();
    for (const line of lines) {
      const rank = rankOf(line, now);
      if (rank > EMERGENCY_WAITING) continue;
      loud.set(line.report_id, rank);
      if (!(this.#known.get(line.report_id) <= rank)) fresh.push({ line, rank });
    }
    this.#known = loud;
    const above = [...loud.values()].includes(UNASSIGNED_OVERDUE);
    if (fresh.length) this.#ring(fresh);
    else if (above && performance.now() - this.#rang > AGAIN_MS) this.#sound(TIMES[UNASSIGNED_OVERDUE]);
    const told = this.#first ? [] : fresh;
    this.#first = false;
    return told;
  }

  #ring(fresh) {
    const { line, rank } = fresh.reduce((a, b) => (b.rank < a.rank ? b : a));
    if (performance.now() - this.#rang > APART_MS) this.#sound(line.drill ? 1 : TIMES[rank]);
    announce(t("{what}:{place}", { what: nameOf("category", line.category), place: line.place ?? "" }), true);
  }

  #sound(times) {
    this.#rang = performance.now();
    ring(times);
  }
}
