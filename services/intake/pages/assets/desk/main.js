// The desk: one screen, by keyboard first, on which a call is taken and its case is seen through.
import { $, $$, fill, h } from "/assets/dom.js";
import { follow } from "/assets/stream.js";
import { nameOf } from "/assets/names.js";
import { setClock } from "/assets/times.js";
import { t } from "/assets/words.js";
import { asides, opened, setAside, settled } from "./aside.js";
import { confirm, open, problemOf } from "./asking.js";
import { ringBack, ringsAgain } from "./again.js";
import { clearFound, findInput, showBeside, showRoom, showSuggested } from "./beside.js";
import { begin, call, changed, changes, choose, end, placeOf, restore, takeBack, takeOver, unsaid } from "./call.js";
import { bilingual } from "./card.js";
import { cases, lookAt, reload, showCase, shown } from "./case.js";
import { chooseEstate, data, estate, words } from "./data.js";
import { toggleDrill } from "./drill.js";
import { recall, refuse, showCall } from "./form.js";
import { ambulanceIsHere } from "./gate.js";
import { handOver } from "./handover.js";
import { listen } from "./keys.js";
import { forget, resumeAll, typed } from "./left.js";
import { isUnknown, resume } from "./outbox.js";
import { heardOnRadio } from "./radio.js";
import { lists, load, soon } from "./reports.js";
import { correctPlace, deliver, linkTo, send, withdraw } from "./saying.js";
import { streamIs, watch } from "./status.js";

let stop = () => {};

/** A class begins a call, changes the class of one not sent yet, or carries a sent one on in another class. */
async function pick(category) {
  if (data.gate_only || (call.body && !putAside())) return;
  if (!call.category) {
    lookAt(null);
    return begin(category);
  }
  if (!call.report) return choose(category);
  const what = await open(t("这宗报事已发出"), (close) => h("div", { class: "choices column" },
    h("button", { type: "button", class: "primary", autofocus: true, onclick: () => close("new") }, t("新来电:{category}", { category: nameOf("category", category) })),
    h("button", { type: "button", onclick: () => close("follow") }, t("同一件事报错类或加重:另立{category}接续,时限不变", { category: nameOf("category", category) }))));
  if (what && !(await mayClear())) return;
  if (what === "new") begin(category);
  if (what === "follow") begin(category, { follows: { id: call.report, clock_from: call.accepted }, answers: { place: placeOf() } });
  if (what) lookAt(null);
}

/** Only once a try has failed: what goes through at once needs nobody's attention elsewhere. */
function putAside() {
  if (!isUnknown(call.key)) return false;
  setAside(call);
  end();
  return true;
}

const sendFirst = () => open(t("来电还没有发出"), () => [h("p", {}, t("先发出或结束这个来电,再看别的报事。"))]);

/** Under no call that is still typed: then it stays in the strip. A gate's page has no place for a call. */
async function openAside(one) {
  if (data.gate_only) return one.error ? open(one.label, () => [problemOf(one.error)]) : opened(one);
  if (call.category && !call.report) return sendFirst();
  if (!(await mayClear()) || !settled().includes(one)) return;
  end();
  opened(one);
  if (one.estate !== estate().estate) goTo(one.estate);
  if (one.answered) return lookAt(one.answered.report_id, one.answered.accepted_at);
  lookAt(null);
  takeBack(one.call);
  refuse(one.error);
}

/** The desk is one post: a call that the one before has typed goes on in the hands of whoever sits here now. */
async function takeLeft(one) {
  if (call.category && !call.report) return sendFirst();
  if (!(await mayClear()) || !typed().some(({ key }) => key === one.key)) return;
  if (one.call.estate !== estate().estate) goTo(one.call.estate);
  takeOver(one.call);
  forget(one);
  lookAt(call.report, call.accepted);
}

/** What was answered and not sent, a place among it, is cleared only when somebody says so. */
async function mayClear() {
  const n = unsaid();
  if (!n) return true;
  const text = call.report ? t("还有 {n} 项更改没有补报,会清除。", { n }) : t("这个来电还没有发出,填写的内容会清除。");
  return confirm(t("结束来电"), text, t("不发出,清除"), { alarm: true });
}

async function leave() {
  if (call.body ? !putAside() : !(await mayClear()) || call.body) return;
  end();
  lookAt(null);
  clearFound();
}

async function link(line) {
  if (call.report) return linkTo(call.report, line);
  call.same = line.report_id;
  changed("same");
}

/** The call in hand stays when something of it is unsent: the gate's case stands in the list. */
async function gate() {
  const answered = await ambulanceIsHere();
  if (!answered) return;
  if (data.gate_only || call.body || unsaid()) return gateDone(answered);
  begin("medical", { report: answered.report_id, accepted: answered.accepted_at, durable: answered.durable, channel: "gate", answers: { help: ["ambulance"] } });
  lookAt(answered.report_id, answered.accepted_at);
}

const gateDone = (answered) =>
  open(t("已开个案"), () => [h("p", { class: "read-aloud" }, answered.place), h("p", {}, answered.durable === "spool" ? t("已存入本机,Kafka 恢复后送出") : t("已发出;客服会问清病人住址,请准备带路"))]);

async function lost() {
  if (!call.report) await send();
  await ringBack(shown.report?.report_id === call.report ? shown.report : null);
}

async function pickReport(line) {
  if (!call.category || call.report) {
    if (call.report && call.report !== line.report_id) {
      if (!(await mayClear())) return;
      end();
    }
    lookAt(line.report_id, line.received_at);
  } else sendFirst();
}

function beside() {
  const place = placeOf() || (shown.report ? shown.report.row.place ?? "" : "");
  showRoom(place);
  showSuggested(placeOf(), shown.report?.row.place);
}

function streaming() {
  stop();
  stop = follow(`/v1/stream?estate=${estate().estate}`, {
    on: { report: (id) => (id === shown.id && reload(), soon()) },
    onPaused: () => streamIs(false),
    onResumed: () => (streamIs(true), reload(), soon()),
    onReset: () => (reload(), soon()),
    onPulse: () => streamIs(true),
  });
}

function estates() {
  const select = fill($("#estate"), data.estates.map((e) => h("option", { value: e.estate }, words(e))));
  select.value = estate().estate;
  select.addEventListener("change", () => {
    if (call.category) return (select.value = estate().estate);
    goTo(select.value);
  });
}

function goTo(code) {
  chooseEstate(code);
  $("#estate").value = code;
  lookAt(null);
  load();
  streaming();
}

function start() {
  // Until the stream pulses, and where it cannot: as it was when the page was made.
  setClock(data.now, data.speed);
  const kept = restore();
  if (kept) chooseEstate(kept.estate);
  estates();
  document.body.classList.toggle("gate-only", data.gate_only);
  const tools = { n: leave, f: () => findInput.focus(), r: () => heardOnRadio(shown.id), g: gate, b: bilingual, h: handOver, d: toggleDrill };
  const ids = { n: "new", f: "find", r: "radio", g: "gate", b: "card", h: "handover", d: "drill" };
  const own = data.gate_only ? ["g", "d"] : Object.keys(tools);
  for (const key of own) $(`#tool-${ids[key]}`).addEventListener("click", tools[key]);
  const classes = $$("#classes button");
  for (const button of classes) button.addEventListener("click", () => pick(button.dataset.category));
  listen({ ...Object.fromEntries(own.map((key) => [key, tools[key]])), ...Object.fromEntries(classes.map((b, n) => [String(n + 1), () => pick(b.dataset.category)])) }, send);
  watch({ open: openAside, take: takeLeft });
  resume((label, error) => open(label, () => h("p", { class: "notice alarm" }, error.detail ?? error.message)));
  if (data.gate_only) return resumeAll(deliver);
  showCall({ send, leave, lost, language: (code) => ((call.language = code), changed("language")), channel: (code) => ((call.channel = code), changed("channel")), unlink: () => ((call.same = null), changed("same")) });
  showCase({ again: ringsAgain, ring: ringBack, place: correctPlace, withdraw });
  showBeside({ pick: pickReport, link });
  changes.addEventListener("call", beside);
  lists.addEventListener("change", beside);
  cases.addEventListener("report", ({ detail }) => (recall(detail), beside()));
  beside();
  load();
  streaming();
  if (kept?.report) lookAt(kept.report, kept.accepted);
  if (kept?.body) send();
  asides.addEventListener("change", ({ detail }) => detail && !call.category && !shown.id && openAside(detail));
  resumeAll(deliver);
}

start();
