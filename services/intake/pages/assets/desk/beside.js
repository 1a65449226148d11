// What stands beside a call: the household, earlier reports of the same room, and what may be the same event.
import { register } from "/assets/api.js";
import { $, fill, h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { dayTime } from "/assets/times.js";
import { t } from "/assets/words.js";
import { call } from "./call.js";
import { shown } from "./case.js";
import { estate, isEmergency } from "./data.js";
import { alike, askWhoRings, away, find, lists } from "./reports.js";

const [room, suggested, found, input] = ["#room", "#suggested", "#found", "#find"].map((s) => $(s));
const WAIT_MS = 700;
const AGAIN_MS = 10000;
const RINGS_MS = 300;
let ringing = null, rang = null;
let timer = null, asked = null, tools = {};

/** `on`: `pick` a report to look at, `link` the call with one. */
export function showBeside(on) {
  tools = on;
  input.addEventListener("input", showFound);
  lists.addEventListener("change", redrawFound);
}

/** Asks again only when the place is another one, and once typing has paused. */
export function showRoom(place) {
  const wanted = place ? `${estate().estate} ${place}` : null;
  if (wanted === asked) return;
  asked = wanted;
  clearTimeout(timer);
  if (!wanted) return fill(room, h("p", { class: "muted" }, t("填了地点就显示住户资料和以前的报事")));
  timer = setTimeout(() => load(place, wanted), WAIT_MS);
}

async function load(place, wanted) {
  const query = encodeURIComponent(place);
  try {
    const known = await register.get(`/v1/estates/${estate().estate}/rooms?place=${query}`);
    if (asked === wanted) renderRoom(known);
  } catch {
    if (asked !== wanted) return;
    fill(room, h("p", { class: "notice warn" }, t("住户资料和以前的报事现在查不到")));
    timer = setTimeout(() => asked === wanted && load(place, wanted), AGAIN_MS);
  }
}

/** The case in hand is no earlier one. */
function renderRoom({ room: code, households = [], ...known }) {
  const isEarlier = (one) => one.report_id !== call.report && one.report_id !== shown.id;
  const [ambulances, reports] = [known.ambulances ?? [], known.reports ?? []].map((all) => all.filter(isEarlier));
  fill(room, code ? h("h3", {}, code) : null, households.map(household),
    ambulances.length ? h("p", { class: "notice warn" }, t("叫过120:{times}", { times: ambulances.map((a) => dayTime(a.at, estate().time_zone)).join("、") })) : null,
    h("h3", {}, t("以前的报事")),
    reports.length ? h("ul", { class: "plain lines" }, reports.map((line) => item(line))) : h("p", { class: "muted" }, t("没有")));
}

/** Who lives there, as far as this role may see it. */
function household(one) {
  const marks = [one.alone && t("独居"), one.vulnerable, one.chronic && t("慢性病:{what}", { what: one.chronic })].filter(Boolean);
  return h("div", { class: "household" },
    h("div", { class: "row" }, h("b", {}, one.room), marks.map((m) => h("span", { class: "badge warn" }, m))),
    (one.key_holders ?? []).map((k) => h("p", {}, t("钥匙:{name}", { name: k.name }), " ", k.phone ? h("a", { href: `tel:${k.phone}` }, k.phone) : null)),
    one.note ? h("p", { class: "muted" }, one.note) : null);
}

function item(line, more = null) {
  return h("li", {},
    h("button", { type: "button", class: "line", onclick: () => tools.pick(line) },
      h("b", {}, line.no ?? "—"), ` ${nameOf("category", line.class.category)} ${line.place ?? ""} `,
      h("span", { class: "muted" }, [dayTime(line.received_at, estate().time_zone), nameOf("state", line.state), line.content].filter(Boolean).join(" · "))),
    line.drill ? h("span", { class: "badge drill" }, t("演习")) : null, more);
}

/** Suggested only: a report is linked by a click, never by the page. */
export function showSuggested(placeText, shownPlace) {
  const place = placeText || shownPlace;
  const lane = call.category && isEmergency(call.category, call.answers.kind) ? "emergency" : "routine";
  const near = call.category ? alike({ category: call.category, lane, place, id: call.report }) : [];
  if (!near.length) return fill(suggested);
  fill(suggested, h("h3", {}, t("可能是同一事件(由您决定)")),
    h("ul", { class: "plain lines" }, near.map((one) => item(one.line, one.linkable && call.same !== one.line.report_id
      ? h("button", { type: "button", class: "link-it", dataset: { link: one.line.report_id }, onclick: () => tools.link(one.line) }, t("并入")) : null))));
}

/** At once by what the list shows, and once typing has paused by who rings: the register is asked for that. */
function showFound() {
  const text = input.value.trim();
  clearTimeout(ringing);
  rang = text ? questionOf(text) : null;
  if (!text) return fill(found);
  ringing = setTimeout(ask, RINGS_MS, text, rang);
  return listFound(text);
}

const questionOf = (text) => `${estate().estate} ${text}`;

/** What could not be answered is asked again with the next change of the lists. */
async function ask(text, question) {
  const answered = await askWhoRings(text);
  if (rang !== question) return;
  if (!answered) rang = null;
  listFound(text);
}

/** The lists change all the time: who rings is asked only for another text or estate. */
function redrawFound() {
  const text = input.value.trim();
  if (!text) return;
  if (rang === questionOf(text)) listFound(text);
  else showFound();
}

function listFound(text) {
  const lines = find(text).slice(0, 8);
  fill(found, away ? h("p", { class: "notice warn" }, t("登记查询连不上:以下不是最新,答复看不到时请用电话、电台核实")) : null,
    lines.length ? h("ul", { class: "plain lines" }, lines.map((line) => item(line))) : h("p", { class: "muted" }, t("没有相符的未结报事")));
}

export const clearFound = () => {
  input.value = "";
  showFound();
};
export { input as findInput };
