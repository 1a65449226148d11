// The open reports as they are known now. Of two words about one report the newer counts, however they come in.

const REMEMBERED = 2000;

export class Lines {
  #lines = new Map();
  #gone = new Map();
  #turn = 0;
  #since = null;
  changed = new Set();

  apply(line) {
    this.#since?.add(line.report_id);
    if (this.#isOlder(line)) return false;
    this.#gone.delete(line.report_id);
    this.#lines.set(line.report_id, line);
    this.changed.add(line.report_id);
    return true;
  }

  drop({ report_id: id, v }) {
    this.#since?.add(id);
    if (this.#isOlder({ report_id: id, v })) return false;
    this.#gone.set(id, v);
    if (this.#gone.size > REMEMBERED) this.#gone.delete(this.#gone.keys().next().value);
    this.changed.add(id);
    return this.#lines.delete(id);
  }

  /** A whole board is asked for from now on; gives what `load` wants with it. */
  asked() {
    this.#since = new Set();
    return (this.#turn += 1);
  }

  isLast(turn) {
    return turn === this.#turn;
  }

  /** A whole board: what it does not have is gone, unless the stream told of it since. False: a later one was asked for. */
  load(lines, turn) {
    if (!this.isLast(turn)) return false;
    const since = this.#since ?? new Set();
    this.#since = null;
    const there = new Set(lines.map((line) => line.report_id));
    for (const id of this.#lines.keys()) {
      if (there.has(id) || since.has(id)) continue;
      this.#lines.delete(id);
      this.changed.add(id);
    }
    for (const line of lines) this.apply(line);
    return true;
  }

  get(id) {
    return this.#lines.get(id);
  }

  all() {
    return [...this.#lines.values()];
  }

  #isOlder({ report_id: id, v }) {
    return (this.#lines.get(id)?.v ?? -1) > v || (this.#gone.get(id) ?? -1) > v;
  }
}
