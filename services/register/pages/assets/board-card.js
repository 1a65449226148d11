// One report's card. Its clocks are told apart from the rest, since they change each second and nothing else does.
import { h, fill, say } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { nameOf } from "/assets/names.js";
import { clockTime, duration } from "/assets/times.js";
import { register } from "/assets/api.js";
import { EMERGENCY_WAITING, OVERDUE, UNASSIGNED_OVERDUE, dueOf } from "/assets/register/board-order.js";
import { estateName, holderName, zoneOf } from "/assets/register/board-places.js";

const MOST_SHOWN = 3;

const STATES = {
  waiting: () => t("未回应"),
  given: () => t("已派"),
  acknowledged: () => t("已明白"),
  on_way: () => t("已出发"),
  arrived: () => t("已到达"),
};

export class Card {
  constructor() {
    this.element = h("article", { class: "case", tabindex: "-1" });
    this.alert = h("p", { class: "alert" });
    this.clocks = [];
    this.rank = null;
    this.shown = "";
  }

  /** Builds everything inside anew, or nothing where the news changes no word of it, as a note does. */
  draw(line, anew = false) {
    const { v, due, ...words } = line, shown = JSON.stringify(words);
    this.line = line;
    this.element.dataset.v = v;
    if (shown === this.shown && !anew) return;
    this.shown = shown;
    this.clocks = [];
    this.element.dataset.report = line.report_id;
    this.element.dataset.lane = line.lane;
    this.element.classList.toggle("drill", line.drill);
    fill(this.element, this.#head(line), this.alert, this.#place(line), this.#tasks(line), this.#foot(line));
    this.rank = null;
  }

  /** The time passes: texts that stayed the same are left alone. */
  tick(now, rank) {
    for (const clock of this.clocks) set(clock.element, clockWords(clock.name, clock.due - now), clock.due <= now);
    if (rank !== this.rank) {
      this.rank = rank;
      this.element.dataset.rank = rank;
    }
    const words = this.#alertWords(now, rank);
    say(this.alert, words);
    if (this.alert.hidden === Boolean(words)) this.alert.hidden = !words;
  }

  #alertWords(now, rank) {
    const late = () => duration(now - dueOf(this.line));
    if (rank === UNASSIGNED_OVERDUE) return t("无人办理 · 超时 {late}", { late: late() });
    if (rank === OVERDUE) return t("超时 {late}", { late: late() });
    if (rank === EMERGENCY_WAITING) return this.line.unassigned ? t("尚无人办理") : t("未回应");
    return this.line.unassigned ? t("尚无人办理") : "";
  }

  #head(line) {
    const what = [nameOf("category", line.category), line.kind && nameOf("kind", line.kind)].filter(Boolean).join(" · ");
    return h(
      "header",
      {},
      line.drill && h("span", { class: "badge drill" }, t("演习")),
      h("a", { class: "what", href: register.address(`/reports/${encodeURIComponent(line.report_id)}`) }, what),
      line.grade && h("span", { class: "badge" }, nameOf("grade", line.grade)),
      h("span", { class: "lane" }, nameOf("lane", line.lane)),
      h("span", { class: "no number" }, line.no ?? ""),
    );
  }

  #place(line) {
    return h("p", { class: "place" }, h("b", {}, line.place || t("地点未知")), h("span", {}, estateName(line.estate)));
  }

  #tasks(line) {
    if (!line.tasks.length) return h("p", { class: "nobody" }, t("没有任务"));
    const [first, rest] = pressing(line.tasks);
    const list = (tasks) => h("ul", { class: "plain tasks" }, tasks.map((task) => this.#task(line, task)));
    if (!rest.length) return list(first);
    const open = this.element.querySelector("details")?.open ?? false;
    return [list(first), h("details", { open }, h("summary", {}, t("其余 {n} 项", { n: rest.length })), list(rest))];
  }

  #task(line, task) {
    const rung = task.rung;
    return h(
      "li",
      { class: `task ${task.state}` },
      h("span", { class: "to" }, holderName(line.estate, task.to)),
      h("span", { class: "state" }, (STATES[task.state] ?? STATES.given)()),
      task.clocks.map((clock) => this.#clock(clock)),
      task.unheld && h("span", { class: "rung" }, t("各级无人在岗")),
      rung && h("span", { class: "rung" }, rungWords(rung)),
    );
  }

  #clock({ clock, due_at: due }) {
    const element = h("span", { class: "clock number" });
    this.clocks.push({ element, name: nameOf("clock", clock), due: Date.parse(due) });
    return element;
  }

  #foot(line) {
    const received = line.received_at ?? line.clock_from;
    return h(
      "footer",
      {},
      h("span", {}, t("负责:{who}", { who: nameOf("role", line.owner ?? "customer_assistant") })),
      line.hand_ons > 0 && h("span", {}, t("转交 {n} 次", { n: line.hand_ons })),
      line.callers > 1 && h("span", {}, t("{n} 户来电", { n: line.callers })),
      received && h("span", { class: "number" }, t("接报 {time}", { time: clockTime(received, zoneOf(line.estate)) })),
    );
  }
}

/** The tasks whose time runs out first, and the rest: one fire with a dozen tasks must not hide the next report. */
function pressing(tasks) {
  const due = ({ clocks }) => Math.min(Infinity, ...clocks.map((clock) => Date.parse(clock.due_at)));
  const ordered = tasks.toSorted((one, other) => due(one) - due(other) || 0);
  return ordered.length <= MOST_SHOWN + 1 ? [ordered, []] : [ordered.slice(0, MOST_SHOWN), ordered.slice(MOST_SHOWN)];
}

function rungWords({ rung, role, turn }) {
  const who = nameOf("role", role);
  return turn > 1 ? t("已问到第 {rung} 级 {who},第 {turn} 轮", { rung, who, turn }) : t("已问到第 {rung} 级 {who}", { rung, who });
}

function clockWords(name, left) {
  return left > 0 ? t("{clock}还有 {time}", { clock: name, time: duration(left) }) : t("{clock}超时 {time}", { clock: name, time: duration(left) });
}

function set(element, words, late) {
  say(element, words);
  if (element.classList.contains("late") !== late) element.classList.toggle("late", late);
}
