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

  /**
   * `what` is shown to people. `urgent` goes before everything else. `otherwise`, a `{path, body, what}`, is said
   * instead when this is refused: under a key of its own that it has from now on, so that it is said once.
   */
  add(path, body, { task = null, what = "", urgent = false, otherwise = null } = {}) {
    const instead = otherwise && { ...otherwise, key: newKey() };
    return this.#put({ key: newKey(), path, task, what, at: madeAt(), urgent, otherwise: instead, body });
  }

  #put({ body, ...more }) {
    const name = `answer.${String(Math.floor(Date.now())).padStart(15, "0")}.${String(this.#next()).padStart(6, "0")}.${more.key}`;
    const occurred_at = new Date(more.at).toISOString();
    const entry = { ...more, name, state: "waiting", body: { ...body, occurred_at } };
    this.#entries.push(entry);
    this.#keep(entry);
    this.wake();
    return entry;
  }

  /** Taken, said in another way, or somebody has read that it was refused. */
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

  /** In order within a task; what the door cannot take now holds up no other task, and a call for help goes first. */
  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    const held = new Set();
    try {
      for (let entry; (entry = this.#following(held)); ) {
        const error = await this.#sendOne(entry);
        if (error) held.add(turnOf(entry));
        if (error || !held.size) this.#become(troubleOf(error));
        if (error && !(error instanceof AwayError || error instanceof ProblemError)) throw error;
        if (error && !(error.status >= 500)) return;
      }
      if (!held.size) this.#become("");
    } finally {
      this.#sending = false;
      if (held.size) this.#later();
    }
  }

  #following(held) {
    const free = this.waiting.filter((entry) => !held.has(turnOf(entry)));
    return free.find((entry) => entry.urgent) ?? free[0];
  }

  /** Gives the error that left it waiting. */
  async #sendOne(entry) {
    let said;
    try {
      said = await intake.post(entry.path, entry.body, { key: entry.key });
    } catch (error) {
      if (!this.#isRefusal(error)) return error;
      this.#refuse(entry, why(error));
      return null;
    }
    Object.assign(entry, { state: "accepted", event_id: said.event_id });
    this.#keep(entry);
    this.#settle(entry);
    return null;
  }

  /** The other way is kept before this one is forgotten: a reload in between says it again under the same key. */
  #refuse(entry, why) {
    const { otherwise } = entry;
    if (!otherwise) {
      Object.assign(entry, { state: "refused", why });
      return this.#keep(entry);
    }
    const isThere = this.#entries.some((one) => one.key === otherwise.key);
    if (!isThere) this.#put({ ...otherwise, task: null, at: entry.at, urgent: true });
    return this.dismiss(entry);
  }

  /** A page's token or a session that is over says nothing of the answer: it is kept for the next link. */
  #isRefusal(error) {
    if (!(error instanceof ProblemError) || AGAIN.has(error.status)) return false;
    return error.status !== 401 && error.reason !== "no-page-token";
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #become(trouble) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.#onChange();
  }

  /** What only the case can refuse is asked of the register, however long it knows nothing of the answer. */
  async #settle(entry) {
    const { status, words } = await this.#decision(entry);
    if (status === "refused") return this.#refuse(entry, words);
    while (!(await this.#onSettled())) await pause(ASKS_LONG_MS);
    return this.dismiss(entry);
  }

  /** What changes nothing stays `received`, save a call for help; one the register has not heard of may be refused. */
  async #decision(entry) {
    for (let asked = 0; ; ) {
      await pause(ASKS[asked] ?? ASKS_LONG_MS);
      try {
        const decided = await register.get(`/v1/replies/${entry.event_id}`);
        asked += 1;
        if (decided.status !== "received" || (asked >= ASKS.length && !entry.otherwise)) return decided;
      } catch (error) {
        if (!(error instanceof AwayError || error instanceof ProblemError)) throw error;
        asked = Math.min(asked + 1, ASKS.length - 1);
      }
    }
  }
}

const pause = (long) => new Promise((done) => setTimeout(done, long));

/** What waits for one another: the answers to one task. A call for help waits for nothing. */
const turnOf = (entry) => (entry.urgent ? entry.key : (entry.task ?? entry.key));

function troubleOf(error) {
  if (!error) return "";
  return error instanceof ProblemError && !AGAIN.has(error.status) ? "closed" : "away";
}

function why(error) {
  return [error.detail, ...error.errors.map((one) => `${one.reason}:${one.way_out}`)].join(" ");
}
