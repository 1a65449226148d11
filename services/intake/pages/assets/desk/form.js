// The call's questions, in the procedure's order: where, by what number, then what the class asks (SOP S3.0 to S8).
import { $, $$, announce, fill, h, say } from "/assets/dom.js";
import { codesOf, nameOf } from "/assets/names.js";
import { clockTime } from "/assets/times.js";
import { t } from "/assets/words.js";
import { answer, amendments, call, changes, emergency, isSessionOver, placeOf, valueOf } from "./call.js";
import { estate, filled, sheet, words } from "./data.js";
import { fieldOf } from "./fields.js";

const body = $("#call-body");
let fields = [], shape = "", acts = {};

/** `on`: send, leave, lost, follow. */
export function showCall(on) {
  acts = on;
  changes.addEventListener("call", ({ detail }) => {
    if (["begun", "class"].includes(detail) || shape !== shapeOf()) render(detail);
    else refresh();
  });
  render("begun");
}

/** The parts that the answers up to now ask for: a kind's stand instead of the class's own, help and form add. */
export function partsOf() {
  const { first, then } = sheet(call.category);
  const kind = call.answers.kind && then[`kind=${call.answers.kind}`];
  const form = call.answers.form ?? (call.channel === "written" || call.channel === "app" ? "written" : "oral");
  const helps = [call.answers.help ?? []].flat().flatMap((help) => then[`help=${help}`] ?? []);
  return [...(kind ? [...first.filter((p) => p.questions.some((q) => q.report === "kind")), ...kind] : first), ...helps, ...(then[`form=${form}`] ?? [])];
}

const shapeOf = () => (call.category ? JSON.stringify([call.category, call.answers.kind, partsOf().map((p) => p.step)]) : "");

function render(why) {
  const before = focused();
  shape = shapeOf();
  for (const button of $$("#classes button")) button.setAttribute("aria-pressed", String(button.dataset.category === call.category));
  if (!call.category) {
    fields = [];
    fill(body, h("p", { class: "muted" }, t("按 1–7 选类别;Ctrl+Enter 发出;Esc 离开输入框")));
    return;
  }
  const asked = sheet(call.category);
  fields = [];
  const top = h("div", { class: "pair" }, make(asked.where), make(asked.number));
  const said = new Set();
  const parts = partsOf().map((one) => part(one, said));
  const shown = new Set(fields.map((f) => f.question.report));
  const rest = asked.rest.filter((q) => !shown.has(q.report) && isFitting(q)).map(make);
  fill(body, places(), h("div", { class: "row" }, h("div", { id: "call-head", class: "row call-head grow" }), channel(), english()), top, ...parts, h("div", { class: "pair" }, rest), foot());
  refresh();
  if (why === "begun" || why === "class") (fields[0].read() ? fields[1] : fields[0]).input.focus();
  else if (before) back(before);
}

const focused = () => {
  const active = document.activeElement;
  const field = active?.closest?.("#call-body [data-field]")?.dataset.field;
  return field ? { field, value: active.value, at: active.type === "text" || active.tagName === "TEXTAREA" ? active.selectionStart : null } : null;
};

/** An answer that brings more questions leaves whoever types where he was. */
function back({ field, value, at }) {
  const input = fields.find((f) => f.question.field === field)?.input;
  const button = [...(input?.querySelectorAll?.("button") ?? [])].find((b) => b.value === value);
  (button ?? input)?.focus();
  if (at !== null && input?.setSelectionRange) input.setSelectionRange(at, at);
}

/** A warning's colour is a gale's (SOP S6). */
const isFitting = (question) => question.field !== "weather" || ["gale", "", undefined].includes(call.answers.kind);

function make(question) {
  const field = fieldOf(question, { value: valueOf(question), onchange: (value) => answer(question, value) });
  fields.push(field);
  return field.element;
}

const places = () =>
  h("datalist", { id: "places" }, estate().places.map((p) => h("option", { value: p.zh })), estate().buildings.map((b) => h("option", { value: b.zh })));

/** By what way it came; a written inquiry has other questions (SOP S4). */
function channel() {
  const select = h("select", { class: "channel", "aria-label": t("来件途径"), onchange: () => acts.channel(select.value) },
    codesOf("channel").map((code) => h("option", { value: code }, nameOf("channel", code))));
  select.value = call.channel;
  return select;
}

const english = () =>
  h("label", { class: "shortcut" }, h("input", { type: "checkbox", checked: call.language === "en", onchange: (e) => acts.language(e.target.checked ? "en" : "zh") }), " ", t("对方说英语"));

function headed() {
  const name = nameOf("category", call.category);
  const sent = call.report && h("span", { class: `badge ${call.durable === "spool" ? "warn" : "good"}` },
    call.durable === "spool" ? t("已存入本机,Kafka 恢复后送出") : t("已发出 {time}", { time: clockTime(call.accepted, estate().time_zone) }));
  fill($("#call-head", body), h("strong", { class: "class-name" }, name),
    emergency() ? h("span", { class: "badge alarm" }, t("急事")) : null, sent,
    call.follows ? h("span", { class: "badge" }, t("接续前一报事,时限不变")) : null);
}

/** A part's order, what must be said and what must not (each once), then its questions. */
function part(one, said) {
  const anew = (w) => !said.has(w.zh) && said.add(w.zh);
  const questions = one.questions.filter((q) => q.report !== sheet(call.category).where.report).map(make);
  return h("fieldset", { class: "part" },
    h("legend", {}, filled(words(one), { place: placeOf(), kind: call.answers.kind })),
    one.must.filter(anew).map((w) => h("p", { class: "must" }, h("b", {}, t("要说")), " ", words(w))),
    one.never.filter(anew).map((w) => h("p", { class: "never" }, h("b", {}, t("不可")), " ", words(w))),
    h("div", { class: "pair" }, questions));
}

function foot() {
  return h("div", { class: "call-foot" },
    h("p", { id: "call-problem", class: "notice alarm", role: "alert", hidden: true }),
    h("ul", { id: "call-unread", class: "plain notice warn", hidden: true }),
    h("p", { id: "call-same", class: "hint", hidden: true }),
    h("div", { class: "row" },
      h("button", { id: "send", type: "button", class: "primary", onclick: () => acts.send() }),
      h("button", { id: "lost", type: "button", onclick: () => acts.lost() }, t("电话断了")),
      h("button", { id: "leave", type: "button", onclick: () => acts.leave() }, t("结束来电"))),
    h("p", { id: "send-state", class: "hint", role: "status" }));
}

/** What changes with every answer: the button's words, and what of the answers is still unsaid. */
export function refresh() {
  const button = $("#send", body);
  if (!button) return;
  headed();
  $(".channel", body).disabled = Boolean(call.report);
  const more = call.report ? amendments().length : 0;
  const urgent = emergency() && !call.report;
  const label = call.report ? (more ? t("补报 {n} 项更改", { n: more }) : t("没有未报的更改"))
    : urgent ? (placeOf() ? t("急事:发出") : t("先发出(只报类别也可)")) : t("发出");
  fill(button, label, " ", h("kbd", {}, "Ctrl+Enter"));
  button.className = urgent ? "alarm big" : "primary";
  button.disabled = Boolean(call.report && !more);
  const same = $("#call-same", body);
  same.hidden = !call.same;
  fill(same, t("将并入另一报事,不另派人"), " ", h("button", { type: "button", onclick: () => acts.unlink() }, t("取消并入")));
  const unread = $("#call-unread", body);
  unread.hidden = !call.unread.length;
  fill(unread, call.unread.map((m) => h("li", {}, `${m.field}:${m.reason};${m.way_out}`)));
}

export const sendState = (text) => {
  const state = $("#send-state", body);
  if (state) say(state, text);
};

/** Each mistake beside its field; what has no field of its own stands above the button. */
export function refuse(error) {
  const loose = [];
  for (const field of fields) field.refuse(null);
  for (const { field, reason, way_out } of error?.errors ?? []) {
    const found = fields.find((f) => f.question.report === field.split(".")[0]);
    if (found) found.refuse(`${reason};${way_out}`);
    else loose.push(`${field}:${reason};${way_out}`);
  }
  const problem = $("#call-problem", body);
  if (!problem) return;
  problem.hidden = !error;
  // Whoever has to sign in again finds the call as it was.
  if (isSessionOver(error)) fill(problem, h("a", { href: "/session?next=%2Fdesk" }, t("登录已失效,请重新登录")));
  else problem.textContent = error ? [error.detail ?? error.message, ...loose].join(" ") : "";
  fields.find((f) => f.input.getAttribute("aria-invalid"))?.input.focus();
  if (error) announce(problem.textContent, true);
}

/** The report as the register has it, where the page has forgotten what it said; stars are never taken for a number. */
export function recall(row) {
  if (row.report_id !== call.report) return;
  for (const field of fields) {
    const name = field.question.report;
    const value = name === "place" || name === "patient_place" ? row.row.place ?? row.row.patient_place : row.row[name];
    if (name === "patient_place" && row.row.channel === "gate" && !row.row.patient_place) continue;
    if (!name || value === undefined || value === null || call.edited.includes(name) || field.input.contains(document.activeElement)) continue;
    const now = field.read();
    if ((now === "" || now.length === 0) && !/\*/.test(String(value))) {
      call.answers[name] = value;
      field.set(value);
    }
  }
  refresh();
}
