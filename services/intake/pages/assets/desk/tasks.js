// The assistant's own tasks of a case: acknowledged and completed from here, with what must be recorded.
import { $, fill, h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { t } from "/assets/words.js";
import { call } from "./call.js";
import { always, categoryOf, estate, filled, forbids, guardrail, speaker, stepOf, words } from "./data.js";
import { fieldOf, nowText } from "./fields.js";
import { say } from "./outbox.js";
import { problemOf } from "./asking.js";
import { told } from "./told.js";

export const ownTasks = h("div", { id: "own-tasks" });
const cards = new Map();
const MINE = ["customer_assistant", "control_room", "service_head", "gate_guard"];

/** Cards stand as long as their tasks are open; what is being typed into one is never rendered anew. */
export function showOwn(report) {
  const mine = report ? told(report).filter((task) => task.state === "open" && isMine(task)) : [];
  for (const [id, card] of cards) if (!mine.some((task) => task.id === id)) drop(id, card);
  for (const task of mine) {
    if (!cards.has(task.id)) cards.set(task.id, made(task, report));
    cards.get(task.id).update(task);
  }
  const wanted = mine.map((task) => cards.get(task.id).element);
  if (wanted.length !== ownTasks.children.length || wanted.some((e, n) => ownTasks.children[n] !== e)) {
    fill(ownTasks, wanted.length ? wanted : h("p", { class: "muted" }, t("没有待办")));
  }
}

const isMine = (task) => MINE.includes(task.to.role) && estate().roles.includes(task.to.role);

function drop(id, card) {
  card.element.remove();
  cards.delete(id);
}

function made(task, report) {
  const category = categoryOf(report.report_id);
  const step = stepOf(category, task.step);
  const form = recordForm(step?.record ?? [], report);
  const problem = h("div", {});
  const act = (body, label) => reply(task.id, { ...body, by: speaker(task.to.role) }, label).then(() => fill(problem), (error) => {
    fill(problem, problemOf(error));
    form.refuse(error);
  });
  const ack = h("button", { type: "button", class: "primary", onclick: () => act({ type: "acknowledge" }, task.step) }, t("明白"));
  const complete = (outcome, wanted) => {
    const record = form.read(wanted);
    if (record) act({ type: "complete", outcome, record }, task.step);
  };
  const outcomes = Object.entries(step?.outcomes ?? {}).map(([outcome, wanted]) =>
    h("button", { type: "button", dataset: { outcome }, onclick: () => complete(outcome, wanted) }, nameOf("outcome", outcome)));
  const only = task.only_ack || step?.ends_on === "ack";
  const element = h("details", { class: "own", open: true, dataset: { own: task.id } },
    h("summary", {}, task.words || (step ? filled(words(step)) : task.step)),
    task.guard.map((g) => h("p", { class: forbids(g) ? "never" : "must" }, h("b", {}, forbids(g) ? t("不可") : t("要说")), " ", guardrail(g))),
    only ? null : form.element, problem,
    h("div", { class: "row" }, ack, only ? null : outcomes, only ? null : otherwise(act, report)));
  return { element, update: (now) => (ack.hidden = !now.ack_by) };
}

/** 办不到 is never alone: with the reason and whom we ourselves contacted (SOP S2c). */
function otherwise(act, report) {
  const form = recordForm(always().impossible ?? [], report);
  const done = () => {
    const record = form.read(true);
    if (record) act({ type: "complete", outcome: "impossible", record }, "impossible");
  };
  return h("details", { class: "otherwise" }, h("summary", {}, nameOf("outcome", "impossible")), form.element, h("button", { type: "button", onclick: done }, t("报办不到")));
}

/** Inputs for a step's record: what was answered on the call stands in them, times are now. */
export function recordForm(questions, report) {
  const fields = questions.map((question) => fieldOf(question, { value: known(question, report), required: !question.optional }));
  return {
    element: h("div", { class: "pair" }, fields.map((f) => f.element)),
    read: (wanted) => read(fields, wanted),
    refuse: (error) => {
      for (const { field, reason, way_out } of error.errors ?? []) {
        fields.find((f) => field === `record.${f.question.field}`)?.refuse(`${reason};${way_out}`);
      }
    },
  };
}

function known(question, report) {
  if (call.report === report?.report_id) {
    const answered = question.report ? call.answers[question.report] : call.notes[question.field];
    if (answered !== undefined && answered !== "") return answered;
  }
  const row = report?.row ?? {};
  // A gate's case has the place of the ambulance, not of the patient.
  if (question.field === "patient_place") return row.channel === "gate" ? "" : row.place ?? row.patient_place ?? "";
  if (question.report && row[question.report] && !/\*/.test(String(row[question.report]))) return row[question.report];
  return question.type === "time" && !question.optional ? nowText() : "";
}

/** Null when something that is wanted is missing, and then it says so beside the field. */
function read(fields, wanted) {
  const record = {};
  let missing = null;
  for (const field of fields) {
    const value = field.read();
    const empty = value === "" || (Array.isArray(value) && !value.length);
    field.refuse(null);
    if (!empty) record[field.question.field] = value;
    else if (wanted && !field.question.optional) {
      field.refuse(t("要填写;确实不知道就写“不详”和问过谁"));
      missing ??= field;
    }
  }
  missing?.input.focus();
  return missing ? null : record;
}

/** An answer to a task, sent until somebody knows that it was taken. */
export const reply = (taskId, body, label) => say(`/v1/tasks/${taskId}/replies`, body, label);

export const cardOf = (step) => $(`[data-own*=".${CSS.escape(step)}."]`, ownTasks);
