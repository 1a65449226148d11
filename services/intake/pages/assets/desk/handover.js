// Hand-over between the day's desk and the night's control room: what is open is listed, and both sides sign.
import { register } from "/assets/api.js";
import { fill, h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { dayTime, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";
import { open, problemOf } from "./asking.js";
import { estate, personName, speaker } from "./data.js";
import { say } from "./outbox.js";
import * as reports from "./reports.js";

const path = () => `/v1/estates/${estate().estate}/handovers`;

/** One session gives, another one takes: nobody signs for both. */
export function handOver() {
  return open(t("交接班"), () => {
    const earlier = h("div", {});
    const problem = h("div", {});
    const note = h("textarea", { id: "handover-note", rows: "2", maxlength: "2000" });
    // What is signed for is what stands in the window, whatever came since.
    const listed = [...reports.open];
    const items = listed.map((line) => line.report_id);
    const give = (event) => sign(event.currentTarget, { type: "give", items, note: note.value.trim() }, earlier, problem);
    load(earlier, problem);
    return [
      h("h3", {}, t("未结事项 {n} 项", { n: listed.length })),
      reports.away ? h("p", { class: "notice warn" }, t("登记查询连不上:以下不是最新,答复看不到时请用电话、电台核实")) : null,
      h("ul", { class: "plain lines scroll-y" }, listed.map(item)),
      h("label", { for: "handover-note" }, t("交班说明")), note,
      h("div", { class: "row" }, h("button", { type: "button", id: "give", class: "primary", onclick: give }, t("交班签名:{who}", { who: signer() }))),
      problem, h("h3", {}, t("接班")), earlier,
    ];
  }, { wide: true });
}

const signer = () => [nameOf("role", estate().role), estate().person && personName(estate().person)].filter(Boolean).join(" · ");

function item(line) {
  const late = line.due_at && Date.parse(line.due_at) < serverNow();
  return h("li", { class: "handed" }, h("b", {}, line.no ?? "—"), ` ${nameOf("category", line.class.category)} ${line.place ?? ""} `,
    h("span", { class: "muted" }, [nameOf("role", line.owner), t("{n} 项任务", { n: line.open_tasks ?? 0 })].join(" · ")),
    line.unacknowledged ? h("span", { class: "badge alarm" }, t("无人回应")) : null, late ? h("span", { class: "badge warn" }, t("超时")) : null);
}

async function sign(button, body, earlier, problem) {
  button.disabled = true;
  try {
    await say(path(), { ...body, by: speaker() }, "handover");
    fill(problem, h("p", { class: "notice good", role: "status" }, body.type === "give" ? t("已签名交班,等对方签名接班") : t("已签名接班")));
    setTimeout(() => load(earlier, problem), 800);
  } catch (error) {
    fill(problem, problemOf(error));
    button.disabled = false;
  }
}

async function load(earlier, problem) {
  let found;
  try {
    found = (await register.get(`${path()}?limit=20`)).handovers;
  } catch {
    return fill(earlier, h("p", { class: "notice warn" }, t("交接记录现在查不到")));
  }
  fill(earlier, found.length ? h("ul", { class: "plain lines" }, found.map((one) => h("li", { class: "handed" },
    t("{time} {who} 交 {n} 项", { time: dayTime(one.given_at, estate().time_zone), who: by(one.given_by), n: one.items.length }), one.note ? ` · ${one.note}` : "", " ",
    one.taken_at ? h("span", { class: "badge good" }, t("{who} 已接", { who: by(one.taken_by) })) : h("button", { type: "button", class: "take", onclick: (event) => take(event.currentTarget, one, earlier, problem) }, t("接班签名:{who}", { who: signer() })))))
    : h("p", { class: "muted" }, t("没有交接记录")));
}

const take = (button, one, earlier, problem) => sign(button, { type: "take", given: one.event_id, note: "" }, earlier, problem);
const by = (speaker) => [nameOf("role", speaker?.role), speaker?.person && personName(speaker.person)].filter(Boolean).join(" ");
