// The guard's page: my tasks, one big key for the next answer, kept and sent later when there is no network.
import { AwayError, ProblemError, register } from "/assets/api.js";
import { $, announce, fill, h } from "/assets/dom.js";
import { follow } from "/assets/stream.js";
import { setClock } from "/assets/times.js";
import { forgetOthers } from "/assets/whose.js";
import { t } from "/assets/words.js";
import { alarm, isArmed, wake } from "/assets/notify/post/alarm.js";
import { keepPage } from "/assets/notify/post/worker-begins.js";
import { complete, decline, handOn } from "/assets/notify/post/answering.js";
import { card, tick } from "/assets/notify/post/card.js";
import { keepClock, keepFor, read, write } from "/assets/notify/post/kept.js";
import { keepLooking } from "/assets/notify/post/looking.js";
import { rings } from "/assets/notify/post/next.js";
import { Queue } from "/assets/notify/post/queue.js";
import { drawnWhenFree, focusAgain, refill } from "/assets/notify/post/redrawing.js";
import { ANSWERS, said } from "/assets/notify/post/saying.js";
import { banners, onDuty, unsent } from "/assets/notify/post/signs.js";
import { ambulance, needHelp, takeOver } from "/assets/notify/post/urgent.js";

const SETTLES_MS = 900;
const REPORTS = "/v1/reports";
const GATHERS_MS = 120;
const AGAIN_MS = 3000;
const root = $("#post");
const here = { ...root.dataset };
const address = here.post ? `/v1/estates/${here.estate}/posts/${here.post}/tasks` : `/v1/estates/${here.estate}/my-tasks`;

keepFor(here.estate, here.post || `me.${here.person}`);
const draw = drawnWhenFree(drawNow);
const queue = new Queue(() => draw(), () => load());
const busy = new Set();
let state = read("tasks") ?? { tasks: [], people: [], on_duty: [], hand_to: { people: [], roles: [], departments: [] } };
let seen = new Set(state.tasks.map((task) => task.task_id));
let line = state.role ? "connecting" : "first";
let silent = false;
let loading = 0;
let asked = 0;
let answered = 0;
const drawn = new Map();

const people = () => ({ ...state.hand_to, own: state.people, zone: state.time_zone });
const me = () => here.person || read("person");

/** Who signed in with an account of his own, by the name that he has at this post. */
const own = () => here.person && { person: here.person, name: state.people.find((one) => one.person === here.person)?.name ?? here.name };

function by(person = me()) {
  return { role: state.role || here.role, ...(here.post ? { post: here.post } : {}), ...(person ? { person } : {}) };
}

function reply(task, body, person, { urgent = false, otherwise } = {}) {
  busy.add(task.task_id);
  setTimeout(() => {
    busy.delete(task.task_id);
    draw();
  }, SETTLES_MS);
  const known = state.people.some((one) => one.person === person) || person === here.person;
  const speaker = person && known ? person : person ? null : me();
  queue.add(`/v1/tasks/${task.task_id}/replies`, { by: by(speaker), ...body }, {
    task: task.task_id, what: `${ANSWERS[body.type]()} · ${task.place ?? said(task.words)}`, urgent,
    otherwise: otherwise && { ...otherwise, path: REPORTS, body: reportOf(otherwise.body) },
  });
  announce(t("{answer} 已记下", { answer: ANSWERS[body.type]() }));
}

const reportOf = (body) => ({ estate: here.estate, by: by(), ...body });

function file(body, what, { urgent = false } = {}) {
  queue.add(REPORTS, reportOf(body), { what, urgent });
  announce(t("{answer} 已记下", { answer: what }), true);
}

const acts = {
  next(task, answer) {
    if (busy.has(task.task_id)) return;
    wake();
    if (answer === "complete") complete(task, people(), (body) => reply(task, body));
    else reply(task, { type: answer });
  },
  decline: (task) => decline(task, people(), (body) => reply(task, body)),
  handOn: (task) => handOn(task, people(), (body) => reply(task, body)),
};

/** False when it could not. What was asked for earlier and comes later is old: a new task must not vanish by it. */
async function load() {
  clearTimeout(loading);
  loading = 0;
  const turn = (asked += 1);
  let could = false;
  try {
    const found = await register.get(address);
    could = true;
    if (silent || line === "first" || line === "connecting") {
      setClock(found.now);
      keepClock();
    }
    if (turn > answered) take(found);
    answered = Math.max(turn, answered);
    line = "live";
    queue.wake();
  } catch (error) {
    if (error instanceof ProblemError && [401, 403, 404].includes(error.status)) line = "closed";
    else if (error instanceof AwayError || error instanceof ProblemError) line = "away";
    else throw error;
    loading ||= setTimeout(load, AGAIN_MS);
  }
  draw();
  return could;
}

function take(found) {
  const fresh = found.tasks.filter((task) => !seen.has(task.task_id));
  state = found;
  seen = new Set(found.tasks.map((task) => task.task_id));
  write("tasks", found);
  for (const task of fresh) announce(`${t("新任务")} ${said(task.words)} ${task.place ?? ""}`, true);
}

function soon() {
  loading ||= setTimeout(load, GATHERS_MS);
}

function drawNow() {
  const on = (task) => queue.of(task.task_id);
  const types = (task) => on(task).map((entry) => entry.body.type);
  const open = state.tasks.filter((task) => !types(task).some((type) => type === "complete") || !gone(task, on(task)));
  const loud = open.filter((task) => rings(task, types(task)));
  const focused = document.activeElement;
  for (const id of drawn.keys()) if (!open.some((task) => task.task_id === id)) drawn.delete(id);
  fill($("#tasks"), open.length
    ? open.map((task) => cardOf(task, on(task)))
    : h("p", { class: "calm" }, line === "first" ? t("正在读取任务…") : line === "live" && !silent ? t("现在没有任务") : t("没有看到任务,但连接不通")));
  alarm(loud.length > 0);
  const is = (trouble) => line === trouble || queue.trouble === trouble;
  refill($("#line"), banners({ closed: is("closed"), away: silent || is("away") }));
  refill($("#kept"), unsent(queue, state.time_zone));
  fill($("#who"), onDuty(state, here, me()));
  focusAgain(focused);
  $("#sound").hidden = isArmed();
  document.title = (loud.length ? `(${loud.length}) ` : "") + here.title;
  tick(document);
}

/** The same element while nothing of it changed. */
function cardOf(task, entries) {
  const isBusy = busy.has(task.task_id);
  const mark = JSON.stringify([task, entries.map((entry) => entry.body.type), isBusy, state.time_zone]);
  const before = drawn.get(task.task_id);
  if (before?.mark === mark) return before.element;
  const element = card(task, entries, isBusy, state.time_zone, acts);
  drawn.set(task.task_id, { mark, element });
  return element;
}

/** Completed here and accepted by the door: it leaves the list, and comes back if the case refuses it. */
function gone(task, entries) {
  return entries.some((entry) => entry.body.type === "complete" && entry.state === "accepted");
}

const isOpen = (task) => state.tasks.some((one) => one.task_id === task.task_id);

/** Acknowledged, at the register or on its way. */
function isHeld(task) {
  return task.ack_by === null || !rings(task, queue.of(task.task_id).map((entry) => entry.body.type));
}

function begin() {
  $("#sound").addEventListener("click", async () => {
    await wake();
    draw();
  });
  addEventListener("pointerdown", () => wake().then(() => ($("#sound").hidden = isArmed())), { once: true });
  const place = { name: here.place || here.estate };
  $("#need-help").addEventListener("click", () => needHelp(place, state.tasks, { reply, file, isOpen }));
  $("#ambulance")?.addEventListener("click", () => ambulance(place, { file }));
  $("#take-over")?.addEventListener("click", () =>
    takeOver({ ...state, words: said, own: own() }, state.tasks, { reply, isHeld, become: (person) => { write("person", person); draw(); } }));
  follow(`/v1/stream?estate=${here.estate}`, {
    on: { report: soon },
    onPulse: (pulse) => keepClock(pulse.speed),
    onPaused: () => { silent = true; draw(); },
    onResumed: () => { silent = false; load(); },
    onReset: load,
  });
  setInterval(() => tick(document), 1000);
  keepLooking(load, () => silent);
  addEventListener("online", load);
  document.addEventListener("visibilitychange", () => document.hidden || load());
  draw();
  load();
}

begin();
forgetOthers().then(keepPage);
