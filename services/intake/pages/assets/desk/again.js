// A caller rings again: answered from one screen, noted with the case, and no new case is made (SOP S2a).
import { ProblemError, register } from "/assets/api.js";
import { h, announce } from "/assets/dom.js";
import { clockTime, duration, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";
import { open, problemOf } from "./asking.js";
import { phoneOf } from "./call.js";
import { estate, speaker, stepOf, categoryOf, who, words } from "./data.js";
import { recordForm, reply } from "./tasks.js";
import { refused, stateOf, told, underWay } from "./told.js";

const STEP = "where_are_they";
const AGAIN_MS = 1000;

/** Who is on the way since when, big enough to be read out. */
export function ringsAgain(report) {
  return open(t("再次来电:读给对方听"), (close) => {
    const step = stepOf(categoryOf(report.report_id), STEP);
    const form = recordForm(step.record, null);
    const problem = h("div", {});
    let busy = false;
    const send = async (outcome) => {
      if (busy) return;
      busy = true;
      await note(report, form, outcome, close, problem);
      busy = false;
    };
    return [
      h("ul", { class: "plain read-aloud-list" }, spoken(report)),
      h("fieldset", {}, h("legend", {}, words(step)), form.element), problem,
      h("div", { class: "row" },
        h("button", { type: "button", class: "primary", onclick: () => send("answered") }, t("已答复,记下")),
        h("button", { type: "button", class: "alarm", onclick: () => send("worse") }, t("加重:记下并报急事"))),
    ];
  }, { wide: true });
}

function spoken(report) {
  const now = serverNow();
  const lines = underWay(report).map((task) => {
    const state = stateOf(task, now);
    return h("li", {}, `${who(task.to)}:${state.text},${t("{time} 起,已 {long}", { time: clockTime(state.at, estate().time_zone), long: duration(now - Date.parse(state.at)) })}`, h("div", { class: "muted small" }, task.words));
  });
  return lines.length ? lines : [h("li", {}, t("没有人在办,请立即追问"))];
}

/** The side task is opened on a task that runs, and completed as soon as the case has it: only then it is noted. */
async function note(report, form, outcome, close, problem) {
  const record = form.read(outcome === "answered");
  const task = told(report).find((one) => one.state === "open" && !one.only_ack);
  if (!record) return;
  if (!task) return problem.replaceChildren(h("p", { class: "notice warn" }, t("没有进行中的任务可以记下;请用“补报更改”写进情况")));
  problem.replaceChildren(h("p", { class: "notice", role: "status" }, t("正在发出…")));
  try {
    const said = await reply(task.id, { type: "side_task", step: STEP, by: speaker() }, STEP);
    const side = await opened(report.report_id, count(report) + 1, said.event_id);
    await reply(side.id, { type: "complete", outcome, record, by: speaker(side.to.role) }, STEP);
  } catch (error) {
    if (!problem.isConnected) return open(t("再次来电:读给对方听"), () => [problemOf(error)]);
    return problem.replaceChildren(problemOf(error));
  }
  if (problem.isConnected) close(true);
  announce(t("已记下"));
}

const count = (report) => told(report).filter((one) => one.step === STEP).length;

/** Asked for until the register has it, whatever is looked at meanwhile: 加重 must not wait for somebody's eyes. */
export async function opened(id, n, event) {
  for (;;) {
    const report = await register.get(`/v1/reports/${id}`).catch(orAway);
    const task = report && told(report).find((one) => one.step === STEP && one.n >= n && one.state === "open");
    const no = report && refused(report).find((one) => one.refused === event);
    if (task) return task;
    if (no) throw new Error(no.why);
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

function orAway(error) {
  if (error instanceof ProblemError && error.status < 500) throw error;
  return null;
}

/** The number, big; and the step that chases a lost call, by the outcome of the question it broke off (SOP S3.0). */
export function ringBack(report) {
  const number = report?.row.reporter_phone || report?.row.patient_phone || phoneOf();
  return open(t("回拨"), (close) => {
    const problem = h("div", {});
    const asked = report && told(report).find((one) => one.state === "open" && one.outcomes.includes("lost"));
    const lost = async () => {
      try {
        if (asked) await reply(asked.id, { type: "complete", outcome: "lost", record: {}, by: speaker(asked.to.role) }, "lost");
        else await sideTask(report);
        close(true);
      } catch (error) {
        problem.replaceChildren(problemOf(error));
      }
    };
    return [
      number ? h("a", { class: "read-aloud", href: `tel:${number}` }, number) : h("p", { class: "notice warn" }, t("没有号码:查来电显示、监控、住户册")),
      problem,
      h("div", { class: "row" }, report ? h("button", { type: "button", class: "primary", onclick: lost }, t("记为断线,开回拨任务")) : null,
        h("button", { type: "button", onclick: () => close(null) }, t("关闭"))),
    ];
  });
}

async function sideTask(report) {
  const task = told(report).find((one) => one.state === "open" && !one.only_ack);
  if (task) await reply(task.id, { type: "side_task", step: "call_back_caller", by: speaker() }, "call_back_caller");
}
