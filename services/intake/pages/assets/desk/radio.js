// An answer heard on the voice radio, entered on behalf of whoever gave it, with the words as heard (SOP S10).
import { register } from "/assets/api.js";
import { fill, h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { t } from "/assets/words.js";
import { open, problemOf } from "./asking.js";
import { categoryOf, estate, filled, personName, postName, speaker, stepOf, who, words } from "./data.js";
import { reply, recordForm } from "./tasks.js";
import * as reports from "./reports.js";
import { told } from "./told.js";

const HEARD = () => [["acknowledge", t("明白")], ["start", t("出发")], ["arrive", t("到达")], ["complete", t("完成")], ["decline", t("不能")], ["need_help", t("要支援")]];

/** Begins with the case in hand. */
export function heardOnRadio(current) {
  return open(t("电台答复:代为登记"), (close) => {
    const tasks = h("div", { class: "choices column" });
    const entry = h("div", {});
    const choose = h("select", { id: "radio-report", onchange: () => load(choose.value, tasks, entry, close) },
      reports.open.map((line) => h("option", { value: line.report_id }, `${line.no ?? "—"} ${nameOf("category", line.class.category)} ${line.place ?? ""}`)));
    const first = reports.open.some((line) => line.report_id === current) ? current : reports.open[0]?.report_id;
    if (first) choose.value = first;
    load(first, tasks, entry, close);
    return [h("label", { for: "radio-report" }, t("哪宗报事")), choose, h("h3", {}, t("谁答复")), tasks, entry];
  }, { wide: true });
}

async function load(id, tasks, entry, close) {
  fill(entry);
  if (!id) return fill(tasks, h("p", { class: "muted" }, t("没有未结报事")));
  try {
    const report = await register.get(`/v1/reports/${id}`);
    const running = told(report).filter((task) => task.state === "open");
    fill(tasks, running.map((task) => h("button", { type: "button", dataset: { radio: task.id }, onclick: (event) => {
      for (const other of tasks.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
      said(task, report, entry, close);
    } }, h("b", {}, who(task.to)), ` ${task.words || filled(words(stepOf(categoryOf(id), task.step) ?? { zh: task.step }))}`)),
    running.length ? null : h("p", { class: "muted" }, t("没有进行中的任务")));
  } catch {
    fill(tasks, h("p", { class: "notice warn" }, t("登记查询连不上:以下不是最新,答复看不到时请用电话、电台核实")));
  }
}

/** What was heard and in which words; who said it may be somebody else than who was asked. */
function said(task, report, entry, close) {
  const problem = h("div", {});
  const heard = h("textarea", { id: "radio-words", rows: "2", maxlength: "4000" });
  const person = h("select", { id: "radio-person" }, h("option", { value: "" }, task.to.post ? postName(task.to.post) : nameOf("role", task.to.role)),
    Object.keys(estate().people).map((id) => h("option", { value: id }, personName(id))));
  person.value = task.to.person ?? "";
  const more = h("div", {});
  const by = () => ({ role: task.to.role, ...(task.to.post ? { post: task.to.post } : {}), ...(person.value ? { person: person.value } : {}) });
  const send = (body) => {
    if (!heard.value.trim()) {
      heard.setAttribute("aria-invalid", "true");
      heard.focus();
      return fill(problem, h("p", { class: "notice alarm", role: "alert" }, t("写下听到的原话")));
    }
    return reply(task.id, { ...body, by: by(), heard_by: speaker(), words: heard.value.trim() }, task.step).then(() => close(true), (error) => fill(problem, problemOf(error)));
  };
  fill(entry,
    h("label", { for: "radio-words" }, t("听到的原话")), heard,
    h("label", { for: "radio-person" }, t("谁说的")), person,
    h("div", { class: "row heard" }, HEARD().map(([type, name]) => h("button", { type: "button", dataset: { heard: type }, class: type === "acknowledge" ? "primary" : "", onclick: () => again(type, task, report, more, send) }, name))),
    more, problem);
  heard.focus();
}

/** 完成 and 不能 want more than a word: what is recorded, or why and whom we contacted instead. */
function again(type, task, report, more, send) {
  if (type === "complete") return completion(task, report, more, send);
  if (type === "decline") return refusal(more, send);
  return send({ type });
}

function completion(task, report, more, send) {
  const step = stepOf(categoryOf(report.report_id), task.step);
  const form = recordForm(step?.record ?? [], report);
  const end = (outcome, wanted) => {
    const record = form.read(wanted);
    if (record) send({ type: "complete", outcome, record });
  };
  fill(more, form.element, h("div", { class: "row" }, Object.entries(step?.outcomes ?? {}).map(([outcome, wanted]) =>
    h("button", { type: "button", dataset: { outcome }, onclick: () => end(outcome, wanted) }, nameOf("outcome", outcome)))));
}

function refusal(more, send) {
  const reason = h("input", { id: "radio-reason", type: "text" });
  const onward = h("input", { id: "radio-onward", type: "text" });
  fill(more, h("label", { for: "radio-reason" }, t("为什么不能")), reason, h("label", { for: "radio-onward" }, t("已转给谁(必填,严禁推诿)")), onward,
    h("button", { type: "button", onclick: () => send({ type: "decline", reason: reason.value, onward: onward.value }) }, t("登记不能")));
}
