// Rings for what has become loud since the last look, and goes on for what nobody has and nobody acknowledged.
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
  #owed = 0;
  #first = true;
  #on = null;

  constructor(button, sign) {
    Object.assign(this, { button, sign });
    button?.addEventListener("click", () => this.#arm());
    // Again each time: a computer that slept, or changed its loudspeaker, has taken the sound away.
    document.addEventListener("pointerdown", () => isArmed() || this.#arm());
    this.tell();
  }

  async #arm() {
    await arm();
    this.tell();
  }

  /** Whether it would be heard is always to be seen. */
  tell() {
    const on = isArmed();
    if (on === this.#on) return;
    this.#on = on;
    if (this.button) {
      this.button.setAttribute("aria-pressed", String(on));
      this.button.textContent = on ? t("声音已开") : t("开声音");
    }
    this.sign.textContent = on ? t("声音已开") : t("声音未开,点一下屏幕即开");
    this.sign.classList.toggle("off", !on);
  }

  /** Of all that is open now, in a replay too. Gives the lines that have become loud. */
  look(lines, now) {
    this.tell();
    const fresh = [], loud = new Map();
    let again = 0;
    for (const line of lines) {
      const rank = rankOf(line, now);
      if (rank > EMERGENCY_WAITING) continue;
      loud.set(line.report_id, rank);
      if (isUnheard(line, rank)) again = Math.max(again, TIMES[rank]);
      if (!(this.#known.get(line.report_id) <= rank)) fresh.push({ line, rank });
    }
    this.#known = loud;
    if (fresh.length) this.#owe(fresh);
    this.#ring(again);
    const told = this.#first ? [] : fresh;
    this.#first = false;
    return told;
  }

  /** As loud as the loudest of them asks for. */
  #owe(fresh) {
    this.#owed = Math.max(this.#owed, ...fresh.map(({ line, rank }) => (line.drill ? 1 : TIMES[rank])));
    const { line } = fresh.reduce((a, b) => (b.rank < a.rank ? b : a));
    announce(t("{what}:{place}", { what: nameOf("category", line.category), place: line.place ?? "" }), true);
  }

  /** What comes while it still rings is rung after it, and not left out. */
  #ring(again) {
    const silence = performance.now() - this.#rang;
    if (this.#owed && silence > APART_MS) this.#sound(this.#owed);
    else if (again && silence > AGAIN_MS) this.#sound(again);
  }

  #sound(times) {
    this.#rang = performance.now();
    this.#owed = 0;
    ring(times);
  }
}

/** Rung for again and again: overdue work that nobody has, and an emergency that nobody acknowledged; no drill. */
function isUnheard(line, rank) {
  if (line.drill) return false;
  const isWaiting = line.unassigned || line.tasks.some(({ state }) => state === "waiting");
  return rank === UNASSIGNED_OVERDUE || (line.lane === "emergency" && isWaiting);
}
