// Answers on their way: each kept under its own key with the time it was made, sent in order, never dropped in silence.
import { AwayError, intake, newKey, ProblemError, register } from "/assets/api.js";
import { all, forget, madeAt, write } from "/assets/notify/post/kept.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30000;
const ASKS = [300, 700, 1500, 3000, 6000, 12000];
const ASKS_LONG_MS = 15000;
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

/** States: `waiting`, `accepted` (the door has it), `refused` (shown until somebody has read it). */
export class Queue {
  #entries = all("answer.");
  #sending = false;
  #pause = FIRST_PAUSE_MS;
  #timer = 0;
  #onChange;
  #onSettled;
  /** Why nothing goes out: `away`, `closed` (the link is over) or empty. */
  trouble = "";

  /**
   * `onSettled` loads what the register has, and says whether it could: only then is the answer forgotten here, so that
   * no key comes back.
   */
  constructor(onChange, onSettled) {
    this.#onChange = onChange;
    this.#onSettled = onSettled;
    addEventListener("online", () => this.wake());
    for (const entry of this.#entries) if (entry.state === "accepted") this.#settle(entry);
  }

  get waiting() {
    return this.#entries.filter((entry) => entry.state === "waiting");
  }

  get refused() {
    return this.#entries.filter((entry) => entry.state === "refused");
  }

  /** What was answered to the task and not refused. */
  of(task) {
    return this.#entries.filter((entry) => entry.task === task && entry.state !== "refused");
  }

  /** `body` without a time gets the time of now; `what` is shown to people. */
  add(path, body, { task = null, what = "" } = {}) {
    const at = madeAt();
    const key = newKey();
    const name = `answer.${String(Math.floor(Date.now())).padStart(15, "0")}.${String(this.#next()).padStart(6, "0")}.${key}`;
    const occurred_at = new Date(at).toISOString();
    const entry = { name, key, path, task, what, at, state: "waiting", body: { ...body, occurred_at } };
    this.#entries.push(entry);
    this.#keep(entry);
    this.wake();
    return entry;
  }

  /** Somebody has read that it was refused. */
  dismiss(entry) {
    this.#entries = this.#entries.filter((one) => one !== entry);
    forget(entry.name);
    this.#onChange();
  }

  wake() {
    clearTimeout(this.#timer);
    this.#pause = FIRST_PAUSE_MS;
    this.#send();
  }

  #count = 0;

  #next() {
    this.#count += 1;
    return this.#count;
  }

  #keep(entry) {
    write(entry.name, entry);
    this.#onChange();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.waiting.length) {
        if (!(await this.#sendOne(this.waiting[0]))) return;
      }
      this.#become("");
    } finally {
      this.#sending = false;
    }
  }

  async #sendOne(entry) {
    try {
      const said = await intake.post(entry.path, entry.body, { key: entry.key });
      Object.assign(entry, { state: "accepted", event_id: said.event_id });
    } catch (error) {
      if (!this.#isRefusal(error)) return this.#later(error);
      Object.assign(entry, { state: "refused", why: why(error) });
    }
    this.#become("");
    this.#keep(entry);
    if (entry.state === "accepted") this.#settle(entry);
    return true;
  }

  /** A page's token or a session that is over says nothing of the answer: it is kept for the next link. */
  #isRefusal(error) {
    if (!(error instanceof ProblemError) || AGAIN.has(error.status)) return false;
    return error.status !== 401 && error.reason !== "no-page-token";
  }

  #later(error) {
    const over = error instanceof ProblemError && !AGAIN.has(error.status);
    this.#become(over ? "closed" : "away");
    this.#timer = setTimeout(() => this.#send(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    if (!(error instanceof AwayError || error instanceof ProblemError)) throw error;
    return false;
  }

  #become(trouble) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.#onChange();
  }

  /** What only the case can refuse is asked of the register, however long it knows nothing of the answer. */
  async #settle(entry) {
    const { status, words } = await this.#decision(entry);
    if (status === "refused") {
      Object.assign(entry, { state: "refused", why: words });
      this.#keep(entry);
      return;
    }
    while (!(await this.#onSettled())) await pause(ASKS_LONG_MS);
    this.#entries = this.#entries.filter((one) => one !== entry);
    forget(entry.name);
    this.#onChange();
  }

  /** An answer that changes nothing stays `received`; one that the register has not heard of may still be refused. */
  async #decision(entry) {
    for (let asked = 0; ; ) {
      await pause(ASKS[asked] ?? ASKS_LONG_MS);
      try {
        const decided = await register.get(`/v1/replies/${entry.event_id}`);
        asked += 1;
        if (decided.status !== "received" || asked >= ASKS.length) return decided;
      } catch (error) {
        if (!(error instanceof AwayError || error instanceof ProblemError)) throw error;
        asked = Math.min(asked + 1, ASKS.length - 1);
      }
    }
  }
}

const pause = (long) => new Promise((done) => setTimeout(done, long));

function why(error) {
  return [error.detail, ...error.errors.map((one) => `${one.reason}:${one.way_out}`)].join(" ");
}
