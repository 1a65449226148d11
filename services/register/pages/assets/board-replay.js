// The board as it stood in a past hour. It looks like the past all the while, and ends by one button.
import { $ } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { register } from "/assets/api.js";
import { dayTime, serverNow } from "/assets/times.js";

const HOUR_MS = 3_600_000, STEP_MS = 1000;

export class Replay {
  lines = null;
  #asked = 0;

  constructor(banner, onChange) {
    Object.assign(this, { banner, onChange, playing: false, start: 0, at: 0 });
    this.panel = $("#replay");
    if (!this.panel) return;
    $("#replay-open").addEventListener("click", () => (this.panel.hidden ? this.open() : this.close()));
    $("#r-now").addEventListener("click", () => this.close());
    $("#r-play").addEventListener("click", () => this.#play(!this.playing));
    $("#r-at").addEventListener("change", () => this.#from(new Date($("#r-at").value).getTime()));
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
    this.#asked += 1;
    $("#replay-open").setAttribute("aria-expanded", "false");
    this.#told();
    this.onChange();
  }

  #from(start) {
    if (!Number.isFinite(start)) return;
    this.start = Math.min(start, serverNow());
    $("#r-at").value = local(this.start);
    this.#go(this.start);
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

  async #go(at) {
    this.at = Math.min(at, serverNow() - STEP_MS);
    this.lines ??= [];
    const asked = (this.#asked += 1);
    this.waiting = true;
    $("#r-slider").value = String(Math.round((this.at - this.start) / 1000));
    this.#told();
    try {
      const found = await register.get(`/v1/board/at?at=${encodeURIComponent(new Date(this.at).toISOString())}`);
      if (asked === this.#asked && this.isOn) this.lines = found.lines;
      this.failed = "";
    } catch (error) {
      this.failed = error.errors?.[0]?.reason ?? error.message;
      this.playing = false;
    } finally {
      if (asked === this.#asked) this.waiting = false;
    }
    this.#told();
    this.onChange();
  }

  #told() {
    document.body.classList.toggle("past", this.isOn);
    this.banner.hidden = !this.isOn;
    this.banner.textContent = this.isOn ? `${t("回放 {time},不是现在", { time: dayTime(this.at) })} ${this.failed ?? ""}` : "";
    $("#r-play").textContent = this.playing ? t("停") : t("播放");
  }
}

function local(at) {
  const day = new Date(at);
  return new Date(at - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
