// Sends the call: first the report, and whatever was answered after it as amendments, a corrected place read back.
import { announce, h } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { labelOf, settle } from "./aside.js";
import { open, problemOf, readBack } from "./asking.js";
import { amendments, bodyOf, call, changed, keepNow, refusedAs, saidAll, taken } from "./call.js";
import { lookAt } from "./case.js";
import { speaker } from "./data.js";
import { drill, mayFileInDrill } from "./drill.js";
import { refuse, sendState } from "./form.js";
import { say } from "./outbox.js";

const busy = new Set();

/** Once, however often it is asked for: a second Ctrl+Enter while this call's is under way does nothing. */
export async function send() {
  const mine = call;
  if (busy.has(mine) || !mine.category) return;
  busy.add(mine);
  try {
    await (mine.report ? sendMore() : sendReport());
  } finally {
    busy.delete(mine);
  }
}

async function sendReport() {
  if (!call.body && !(await mayFileInDrill(call.category, call.answers.kind))) return;
  const mine = call;
  mine.body ??= bodyOf(drill.on);
  keepNow();
  refuse(null);
  sendState(t("正在发出…"));
  await deliver(mine);
}

/** A call that was set aside meanwhile settles there, and leaves alone the one that is in hand. */
export async function deliver(mine) {
  try {
    const answered = await say("/v1/reports", mine.body, labelOf(mine), { key: mine.key, kept: false });
    if (settle(mine, { answered }) || mine !== call) return;
    taken(answered);
    sendState("");
    announce(answered.durable === "spool" ? t("已存入本机,Kafka 恢复后送出") : t("已发出"), true);
    lookAt(answered.report_id, answered.accepted_at);
  } catch (error) {
    refusedAs(mine, error);
    if (settle(mine, { error }) || mine !== call) return;
    sendState("");
    changed("refused");
    refuse(error);
  }
}

async function sendMore() {
  for (const { fields, ...amendment } of amendments()) {
    if (amendment.type === "place" && call.sent?.place && call.sent.place !== amendment.place) {
      if (!(await readBack(amendment.place, call.sent.place))) continue;
    }
    try {
      await amend(call.report, amendment);
      if (amendment.type === "place") call.sent = { place: amendment.place };
      saidAll(fields);
      announce(t("已补报"));
    } catch (error) {
      refuse(error);
      return;
    }
  }
}

/** One amendment of any report, in the words of whoever takes the call. */
export const amend = (id, amendment) => say(`/v1/reports/${id}/amendments`, { ...amendment, by: speaker() }, t("补报"));

/** Of a case that is looked at and not of the call in hand. */
export const correctPlace = (report) =>
  open(t("更正地点"), (close) => {
    const before = report.row.place ?? report.row.patient_place ?? "";
    const input = h("input", { id: "new-place", type: "text", list: "places", maxlength: "80", value: before });
    const problem = h("div", {});
    const go = async () => {
      const place = input.value.trim();
      if (!place || place === before) return input.focus();
      if (!(await readBack(place, before))) return;
      amend(report.report_id, { type: "place", place }).then(() => close(true), (error) => problem.replaceChildren(problemOf(error)));
    };
    return [h("label", { for: "new-place" }, t("新地点")), input, problem,
      h("div", { class: "row" }, h("button", { type: "button", class: "primary", onclick: go }, t("读给对方听")))];
  });

export const withdraw = (report) =>
  open(t("撤回报事"), (close) => {
    const reason = h("input", { id: "withdraw-reason", type: "text", maxlength: "400" });
    const problem = h("div", {});
    const go = () => amend(report.report_id, { type: "withdraw", reason: reason.value }).then(() => close(true), (error) => problem.replaceChildren(problemOf(error)));
    return [h("p", {}, t("误报或不再需要:已通知的人都会收到取消。")), h("label", { for: "withdraw-reason" }, t("谁说的、原话")), reason, problem,
      h("div", { class: "row" }, h("button", { type: "button", class: "alarm", onclick: go }, t("撤回")))];
  });

export const linkTo = (id, other) =>
  open(t("并入同一事件"), (close) => {
    const room = h("input", { id: "household", type: "text", maxlength: "80" });
    const problem = h("div", {});
    const go = () => amend(id, { type: "link", to_report_id: other.report_id, ...(room.value.trim() ? { household: room.value.trim() } : {}) })
      .then(() => close(true), (error) => problem.replaceChildren(problemOf(error)));
    return [h("p", {}, t("本报事并入 {no} {place},派出的人将取消返岗;来电人仍会得到答复。", { no: other.no ?? "", place: other.place ?? "" })),
      h("label", { for: "household" }, t("来电人哪一户(可不填)")), room, problem,
      h("div", { class: "row" }, h("button", { type: "button", class: "primary", onclick: go }, t("并入")))];
  });
