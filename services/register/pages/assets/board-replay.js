// The board as it stood in a past hour. It looks like the past all the while, and ends by one button. The time that is
// said is always that of the cards: what could not be read changes neither.
import { $ } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { register } from "/assets/api.js";
import { dayTime, fieldTime, serverNow, timeOfField } from "/assets/times.js";

const HOUR_MS = 3_600_000, STEP_MS = 1000;

export class Replay {
  lines = null;
  #asked = 0;
  #placedAt = 0;

  constructor(banner, onChange) {
    Object.assign(this, { banner, onChange, playing: false, start: 0, at: 0, failed: "" });
    this.panel = $("#replay");
    if (!this.panel) return;
    $("#replay-open").addEventListener("click", () => (this.panel.hidden ? this.open() : this.close()));
    $("#r-now").addEventListener("click", () => this.close());
    $("#r-play").addEventListener("click", () => this.#play(!this.playing));
    $("#r-at").addEventListener("change", () => this.#from(timeOfField($("#r-at").value)));
    $("#r-slider").addEventListener("input", () => this.#go(this.start + Number($("#r-slider").value) * 1000));
    setInterval(() => this.#step(), STEP_MS);
  }

  get isOn() {
    return this.lines !== null;
  }

  open() {
    this.panel.hidden = false;
    $("#replay-open").setAttribute("aria-expanded", "true");
    this.#from(serverNow() - HOUR_MS);
  }

  close() {
    this.panel.hidden = true;
    this.playing = false;
    this.lines = null;
    this.failed = "";
    this.waiting = false;
    this.#asked += 1;
    $("#replay-open").setAttribute("aria-expanded", "false");
    this.#told();
    this.onChange();
  }

  #from(start) {
    if (!Number.isFinite(start)) return;
    const from = Math.min(start, serverNow());
    this.#go(from, from);
  }

  #play(on) {
    this.playing = on;
    this.#told();
  }

  /** A second of ours is so many of then; the next look waits for the one before. */
  #step() {
    if (!this.playing || this.waiting) return;
    const speed = Number(this.panel.querySelector("[name=speed]:checked").value);
    const next = this.at + STEP_MS * speed;
    if (next > serverNow() || next > this.start + HOUR_MS) this.#play(false);
    else this.#go(next);
  }

  async #go(wanted, start = this.start) {
    const at = Math.min(wanted, serverNow() - STEP_MS);
    const asked = (this.#asked += 1);
    this.waiting = true;
    try {
      const found = await register.get(`/v1/board/at?at=${encodeURIComponent(new Date(at).toISOString())}`);
      if (asked !== this.#asked) return;
      Object.assign(this, { lines: found.lines, at, start, failed: "" });
    } catch (error) {
      if (asked !== this.#asked) return;
      const why = error.errors?.[0]?.reason ?? error.message;
      Object.assign(this, { failed: t("没有读到 {time}:{why}", { time: dayTime(at), why }), playing: false });
      if (!this.isOn) Object.assign(this, { start, at });
    }
    this.waiting = false;
    this.#placed();
    this.#told();
    this.onChange();
  }

  /** The controls stand where the cards are, also after a step that failed. */
  #placed() {
    // Left alone while the same hour goes on: somebody may be typing another one.
    if (this.#placedAt !== this.start || this.failed) $("#r-at").value = fieldTime(this.start).slice(0, 16);
    this.#placedAt = this.start;
    $("#r-slider").value = String(this.isOn ? Math.round((this.at - this.start) / 1000) : 0);
  }

  #told() {
    document.body.classList.toggle("past", this.isOn);
    const time = this.isOn ? t("回放 {time},不是现在", { time: dayTime(this.at) }) : "";
    this.banner.hidden = !time && !this.failed;
    this.banner.textContent = `${time} ${this.failed}`.trim();
    $("#r-play").textContent = this.playing ? t("停") : t("播放");
  }
}
