// The case in hand, as it happens: who was told, by what, and whether they answered.
import { register, ProblemError } from "/assets/api.js";
import { $, announce, fill, h, say } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { clockTime, duration, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";
import { categoryOf, data, estate, filled, stepOf, who, words } from "./data.js";
import { refused, notices, stateOf, told } from "./told.js";
import { ownTasks, showOwn } from "./tasks.js";

const body = $("#case-body");
const POLL_MS = 3000;
const JUST_MS = 1500;
export const cases = new EventTarget();
export let shown = { id: null, report: null, since: 0, away: false };
let asking = null, tools = {}, said = new Map(), latest = 0;

/** `on`: what the case's buttons do. */
export function showCase(on) {
  tools = on;
  setInterval(tick, 1000);
}

/** `at`: when it was filed, for a case the register has not heard of. */
export function lookAt(id, at = null) {
  if (shown.id === id) return reload();
  shown = { id, report: null, since: at ? Date.parse(at) : serverNow(), away: false };
  said = new Map();
  showOwn(null);
  render();
  if (!id) return null;
  // The stream says when the register has what was filed just now; without it we ask all the same.
  if (!at || serverNow() - shown.since > JUST_MS) return reload();
  return setTimeout(() => shown.id === id && !shown.report && reload(), JUST_MS);
}

/** One question at a time; what comes meanwhile is asked once more behind it. */
export async function reload() {
  latest += 1;
  if (!shown.id || asking) return asking;
  asking = (async () => {
    for (let mine = -1; mine !== latest && shown.id; ) {
      mine = latest;
      await once(shown.id);
    }
  })();
  try {
    await asking;
  } finally {
    asking = null;
  }
}

async function once(id) {
  try {
    const report = await register.get(`/v1/reports/${id}`);
    if (shown.id !== id) return;
    shown = { ...shown, report, away: false };
    tell(report);
    cases.dispatchEvent(new CustomEvent("report", { detail: report }));
  } catch (error) {
    if (shown.id === id) shown.away = !(error instanceof ProblemError && error.status === 404);
  }
  if (!shown.report || shown.away) setTimeout(() => shown.id === id && (!shown.report || shown.away) && reload(), POLL_MS);
  render();
}

/** Says aloud, for whoever does not look, what has just been answered or has just become silent. */
function tell(report) {
  for (const task of told(report)) {
    const state = stateOf(task, serverNow());
    const before = said.get(task.id);
    said.set(task.id, state.text);
    if (before && before !== state.text) announce(`${who(task.to)}:${state.text}`, state.kind === "silent");
  }
}

function render() {
  const { id, report } = shown;
  if (!id) return fill(body, h("p", { class: "muted" }, t("发出后在此看谁被通知、谁答复")));
  if (!report) return fill(body, h("p", { id: "untold", class: "notice", role: "status" }), ...(shown.away ? [away()] : []));
  const tasks = told(report);
  const order = { silent: 0, waiting: 1, answered: 2, over: 3 };
  const now = serverNow();
  const sorted = [...tasks].sort((a, b) => order[stateOf(a, now).kind] - order[stateOf(b, now).kind] || a.assigned_at.localeCompare(b.assigned_at));
  const parts = { silent: h("div", { id: "silent" }), told: h("ul", { id: "told", class: "plain told" }, sorted.map(line)) };
  fill(body, head(report), shown.away ? away() : null, parts.silent, buttons(report),
    refused(report).map((r) => h("p", { class: "notice warn" }, r.why)),
    h("h3", {}, t("已通知")), tasks.length ? parts.told : h("p", { id: "untold", class: "notice" }),
    h("ul", { class: "plain told" }, notices(report).map((n) => h("li", { class: "notice-line" }, h("b", {}, who(n.to)), ` ${clockTime(n.at, estate().time_zone)} `, h("span", { class: "muted" }, n.words)))),
    h("h3", {}, t("我的任务")), ownTasks);
  showOwn(report);
  tick();
}

const away = () => h("p", { class: "notice warn" }, t("登记查询连不上:以下不是最新,答复看不到时请用电话、电台核实"));

function head(report) {
  const row = report.row;
  return h("div", { class: "case-head" },
    h("div", { class: "row" },
      h("strong", {}, report.no ?? t("编号待给")), h("span", { class: "badge" }, nameOf("category", row.category)),
      row.kind ? h("span", { class: "badge" }, nameOf("kind", row.kind)) : null,
      row.grade === "major" ? h("span", { class: "badge alarm" }, nameOf("grade", "major")) : null,
      row.drill ? h("span", { class: "badge drill" }, "演习 DRILL") : null,
      h("span", { class: "badge" }, nameOf("state", row.state))),
    h("p", { class: "case-place" }, row.place ?? row.patient_place ?? t("地点待报")),
    h("p", { class: "muted" }, [t("接报 {time}", { time: clockTime(report.received_at, estate().time_zone) }), row.text, report.phone].filter(Boolean).join(" · ")));
}

function buttons(report) {
  const open = !["closed", "withdrawn", "followed", "linked", "drill_stopped"].includes(report.row.state);
  const act = (name, label) => h("button", { type: "button", onclick: () => tools[name](report) }, label);
  return h("div", { class: "row" }, open ? [act("again", t("再次来电")), act("ring", t("回拨")), act("place", t("更正地点"))] : null,
    h("a", { class: "button", href: register.address(`/reports/${report.report_id}`), target: "_blank", rel: "noopener" }, t("全部经过")),
    open ? act("withdraw", t("撤回")) : null);
}

function line(task) {
  const step = stepOf(categoryOf(shown.id), task.step);
  const text = task.words || (step ? filled(words(step)) : task.step);
  return h("li", { class: "told-line", dataset: { task: task.id } },
    h("div", { class: "grow" }, h("b", {}, who(task.to)), h("span", { class: "muted" }, ` ${text}`),
      h("div", { class: "muted small" }, task.devices.map((d) => `${d.device ?? ""} ${d.channel ?? ""} ${nameOf("delivery", d.what)} ${clockTime(d.at, estate().time_zone)}`.trim()).join(" · "),
        task.rung ? ` ${t("已升级到{role}", { role: nameOf("role", task.rung) })}` : "")),
    h("span", { class: "state" }));
}

/** What runs with the clock: how long each has been waited for, and what is over its limit. */
function tick() {
  const { id, report } = shown;
  if (!id) return;
  const untold = $("#untold", body);
  const waited = serverNow() - shown.since;
  if (untold) {
    const late = waited > data.untold_s * 1000;
    untold.className = `notice ${late ? "alarm" : ""}`;
    say(untold, late ? t("还没有通知到任何人,请立即打电话或用电台") : t("已受理,正在通知…"));
  }
  if (!report) return;
  const silent = [];
  for (const task of told(report)) {
    const state = stateOf(task, serverNow());
    if (state.kind === "silent") silent.push(who(task.to));
    const badge = $(`[data-task="${CSS.escape(task.id)}"] .state`, body);
    if (!badge) continue;
    badge.className = `state badge ${{ silent: "alarm", waiting: "warn", answered: "good", over: "" }[state.kind]}`;
    badge.textContent = state.kind === "over" ? state.text : `${state.text} ${duration(serverNow() - Date.parse(state.at))}`;
  }
  const box = $("#silent", body);
  const text = silent.length ? t("无人回应:{who}", { who: [...new Set(silent)].join("、") }) : "";
  if (box && box.textContent !== text) fill(box, text ? h("p", { class: "notice alarm silent" }, text) : null);
}
