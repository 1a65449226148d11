// One task as a card: place and order large, the next answer as one big key, all else below it.
import { h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { clockTime, duration, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";
import { ANSWERS, NOW, said } from "/assets/notify/post/saying.js";
import { left, rings } from "/assets/notify/post/next.js";

const CLOCKS = [["ack_by", "ack", "acknowledge"], ["arrive_by", "arrive", "arrive"], ["finish_by", "finish", "complete"]];

/** `acts`: `next(task, answer)`, `decline`, `handOn`; `on` are answers on their way, `busy` while one is being kept. */
export function card(task, on, busy, zone, acts) {
  const types = on.map((entry) => entry.body.type);
  const todo = left(task, types);
  const given = types.find((type) => type === "decline" || type === "hand_on");
  const loud = rings(task, types);
  const kind = [loud ? "loud" : "", task.drill ? "drill" : "", task.lane].filter(Boolean).join(" ");
  return h(
    "article", { class: `task ${kind}`, "aria-labelledby": `t-${task.task_id}`, dataset: { task: task.task_id } },
    badges(task),
    h("h2", { id: `t-${task.task_id}`, class: "words" }, said(task.words)),
    place(task),
    clocks(task, todo),
    given ? h("p", { class: "given" }, ANSWERS[given]()) : nextKey(task, todo, busy, acts),
    progress(task, types, zone),
    guards(task),
    given || !todo.length ? null : others(task, todo, busy, acts),
  );
}

function badges(task) {
  return h(
    "p", { class: "badges" },
    task.drill ? h("span", { class: "badge drill" }, t("演习")) : null,
    h("span", { class: `badge ${task.lane === "emergency" ? "alarm" : ""}` }, nameOf("lane", task.lane)),
    h("span", { class: "badge" }, task.kind ? nameOf("kind", task.kind) : nameOf("category", task.category)),
    task.why === "wider" ? h("span", { class: "badge warn" }, t("别人没有回应,改问您")) : null,
    task.why === "role" ? h("span", { class: "badge warn" }, t("还没有人接")) : null,
  );
}

function place(task) {
  const patient = task.patient_place && task.patient_place !== task.place ? task.patient_place : null;
  return h(
    "p", { class: "place" },
    task.place ?? (patient ? "" : t("地点还没问到")),
    patient ? h("span", { class: "patient" }, t("病人在 {place}", { place: patient })) : null,
  );
}

function nextKey(task, todo, busy, acts) {
  const [next] = todo;
  if (!next) return h("p", { class: "given" }, t("已答复,等登记"));
  return h(
    "button",
    { type: "button", class: `next ${next}`, id: `next-${task.task_id}`, disabled: busy, onclick: () => acts.next(task, next) },
    h("span", { class: "what" }, ANSWERS[next]()),
    h("span", { class: "when" }, NOW[next]()),
  );
}

function clocks(task, todo) {
  const running = CLOCKS.filter(([field, , answer]) => task[field] && todo.includes(answer));
  if (!running.length) return null;
  return h("ul", { class: "plain clocks" }, running.map(([field, clock]) =>
    h("li", { dataset: { due: task[field], clock } }, `${nameOf("clock", clock)} `, h("b", {}))));
}

/** Moves the clocks without building the cards again. */
export function tick(root) {
  for (const row of root.querySelectorAll("[data-due]")) {
    const leftover = Date.parse(row.dataset.due) - serverNow();
    row.classList.toggle("over", leftover < 0);
    const words = duration(leftover);
    row.lastChild.textContent = leftover < 0 ? t("已超 {time}", { time: words }) : t("还有 {time}", { time: words });
  }
}

function progress(task, types, zone) {
  const seen = [["acknowledge", task.acknowledged_at], ["start", task.started_at], ["arrive", task.arrived_at]];
  const done = seen.filter(([answer, at]) => at && task.answers.includes(answer) && !(answer === "acknowledge" && task.ack_by));
  const coming = types.filter((type) => ANSWERS[type] && !done.some(([answer]) => answer === type));
  if (!done.length && !coming.length) return null;
  return h(
    "p", { class: "progress" },
    done.map(([answer, at]) => h("span", {}, `${ANSWERS[answer]()} ${clockTime(at, zone)}`)),
    coming.map((type) => h("span", { class: "coming" }, t("{answer} 发送中", { answer: ANSWERS[type]() }))),
  );
}

function guards(task) {
  if (!task.guard.length) return null;
  return h("ul", { class: "guards", "aria-label": t("注意") }, task.guard.map((words) => h("li", {}, said(words))));
}

function others(task, todo, busy, acts) {
  const jumps = todo.slice(1).filter((answer) => answer !== "start");
  return h(
    "div", { class: "others" },
    jumps.map((answer) =>
      h("button", { type: "button", disabled: busy, onclick: () => acts.next(task, answer) }, t("直接{answer}", { answer: ANSWERS[answer]() }))),
    h("button", { type: "button", disabled: busy, onclick: () => acts.decline(task) }, t("不能…")),
    h("button", { type: "button", disabled: busy, onclick: () => acts.handOn(task) }, t("转交…")),
  );
}
