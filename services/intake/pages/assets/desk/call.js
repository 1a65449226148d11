// The call in hand. What is typed is kept in this tab, for whoever typed it, until it was taken: it is about people.
import { newKey } from "/assets/api.js";
import { own } from "/assets/whose.js";
import { data, estate, isEmergency, sheet, speaker } from "./data.js";

const KEPT = own("baoshi.desk.call");
export const changes = new EventTarget();
export const DETAILS = [
  "patient_phone", "reporter", "reporter_phone", "relation", "signs", "text", "vulnerable", "urgency", "appointment_at",
];
const fresh = () => ({
  estate: estate().estate, category: null, key: newKey(), answers: {}, notes: {}, edited: [], body: null,
  report: null, accepted: null, durable: null, unread: [], follows: null, same: null, language: "zh", channel: "phone",
});

export let call = fresh();
let timer = null;

/** Tells whoever shows the call; `what` says which part of it is different. */
export function changed(what) {
  keep();
  changes.dispatchEvent(new CustomEvent("call", { detail: what }));
}

function keep() {
  clearTimeout(timer);
  timer = setTimeout(keepNow, 150);
}

/** Of a report that was taken only what is still to be said stays behind. */
export function keepNow() {
  clearTimeout(timer);
  if (!call.category) return sessionStorage.removeItem(KEPT);
  const answers = call.report
    ? Object.fromEntries(Object.entries(call.answers).filter(([field]) => call.edited.includes(field)))
    : call.answers;
  sessionStorage.setItem(KEPT, JSON.stringify({ ...call, answers }));
}

addEventListener("pagehide", keepNow);

/** What a reload, or signing in again, left of a call; null where there was none. */
export function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept || !data.estates.some((e) => e.estate === kept.estate)) return null;
  // What was never sent has a key of its own: a tab that was opened as a copy of another one says something else.
  call = { ...fresh(), ...kept, key: kept.body || kept.report ? kept.key : newKey() };
  return call;
}

export function begin(category, more = {}) {
  call = { ...fresh(), category, ...more };
  changed("begun");
}

export function end() {
  call = fresh();
  changed("begun");
}

/** A call that was set aside and refused comes back as it was. */
export function takeBack(one) {
  call = one;
  changed("begun");
}

/** A call that whoever sat here before has typed: kept for its new owner at once. What was never sent has a key of its own. */
export function takeOver(one) {
  takeBack({ ...fresh(), ...one, key: one.report ? one.key : newKey() });
  keepNow();
}

/** Before it is sent another class keeps what was answered; a report's own class never changes (SOP S1). */
export function choose(category) {
  const asked = call.answers;
  if (call.category && asked.kind) delete asked.kind;
  const from = call.category ? sheet(call.category) : null;
  call.category = category;
  if (from) move(asked, from, sheet(category));
  changed("class");
}

function move(answers, from, to) {
  for (const top of ["where", "number"]) {
    const [old, now] = [from[top].report, to[top].report];
    if (old !== now && answers[old] !== undefined) {
      answers[now] ??= answers[old];
      delete answers[old];
    }
  }
}

/** `report`: the report's own field; without it the answer waits for its step's record. */
export function answer(question, value) {
  const empty = value === "" || value === null || (Array.isArray(value) && value.length === 0);
  const into = question.report ? call.answers : call.notes;
  const name = question.report ?? question.field;
  if (empty && !call.report) delete into[name];
  else into[name] = value;
  if (question.report && !call.edited.includes(name)) call.edited.push(name);
  changed(name);
}

export const valueOf = (question) => (question.report ? call.answers[question.report] : call.notes[question.field]);
export const placeOf = () => call.answers.patient_place || call.answers.place || "";
export const phoneOf = () => call.answers.reporter_phone || call.answers.patient_phone || "";
export const emergency = () => Boolean(call.category) && isEmergency(call.category, call.answers.kind);

/** The request as it goes out; the same again for as long as nobody knows whether it was taken. */
export function bodyOf(drill) {
  const given = Object.entries(call.answers).filter(([, value]) => value !== "" && value !== null);
  return {
    estate: call.estate, category: call.category, channel: call.channel, language: call.language,
    ...Object.fromEntries(given),
    ...(drill ? { drill: true } : {}),
    ...(call.follows ? { follows: call.follows.id, clock_from: call.follows.clock_from } : {}),
    ...(call.same && !call.follows ? { same_event_as: call.same } : {}),
    by: speaker(),
  };
}

/** A report that went out without its call, as a call. */
export function callOf({ key, body }) {
  const { estate: code, category, channel, language, drill, follows, clock_from, same_event_as, by, ...answers } = body;
  const more = { ...(follows ? { follows: { id: follows, clock_from } } : {}), ...(same_event_as ? { same: same_event_as } : {}) };
  return { ...fresh(), estate: code, category, ...(channel ? { channel } : {}), ...(language ? { language } : {}), ...more, key, body, answers };
}

/** What was answered after the report went out, as the amendments that say it; a place comes first. */
export function amendments() {
  const edited = call.edited.filter((field) => call.answers[field] !== undefined);
  const said = (field) => call.answers[field];
  const found = [];
  const where = edited.find((field) => field === "patient_place" || field === "place");
  if (where && said(where)) found.push({ type: "place", place: said(where), fields: [where] });
  for (const field of ["help", "kind", "grade"]) {
    if (edited.includes(field) && (field === "help" || said(field))) found.push({ type: field, [field]: said(field), fields: [field] });
  }
  const details = edited.filter((field) => DETAILS.includes(field) && said(field) !== "");
  if (details.length) found.push({ type: "details", ...Object.fromEntries(details.map((f) => [f, said(f)])), fields: details });
  return found;
}

export function taken(answered) {
  call.report = answered.report_id;
  call.accepted = answered.accepted_at;
  call.durable = answered.durable;
  call.unread = answered.unread;
  call.edited = call.edited.filter((field) => JSON.stringify(call.answers[field]) !== JSON.stringify(call.body[field]));
  call.sent = { place: call.body.patient_place || call.body.place || "" };
  call.body = null;
  changed("taken");
  keepNow();
}

/** What was refused was not taken: what is put right is another request. A session that is over says nothing of that. */
export function refusedAs(one, error) {
  if (isSessionOver(error)) return;
  one.body = null;
  one.key = newKey();
}

export const isSessionOver = (error) => error?.status === 401 || error?.reason === "no-page-token";

/** How much of the call is lost when another one takes its place. */
export const unsaid = () => (call.report ? amendments().length : call.category ? Object.keys(call.answers).length : 0);

export function saidAll(fields) {
  call.edited = call.edited.filter((field) => !fields.includes(field));
  changed("said");
}
