// The board: what is open at all estates a person may see, loudest first, live. A pause is never shown as calm.
import { $, announce, say } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { register } from "/assets/api.js";
import { follow } from "/assets/stream.js";
import { clockTime, duration, serverNow, setClock } from "/assets/times.js";
import { nameOf } from "/assets/names.js";
import { Lines } from "/assets/register/board-lines.js";
import { Cards } from "/assets/register/board-cards.js";
import { Leaves } from "/assets/register/board-leaves.js";
import { Alarms } from "/assets/register/board-alarms.js";
import { Replay } from "/assets/register/board-replay.js";
import { numbersOf } from "/assets/register/board-numbers.js";
import { EMERGENCY_WAITING, rankOf } from "/assets/register/board-order.js";
import { isWanted, readFilters } from "/assets/register/board-filters.js";
import { loadEstates } from "/assets/register/board-places.js";
import { followDevices, followDuty } from "/assets/register/board-side.js";
import { drawToday, followToday } from "/assets/register/board-today.js";

const wall = document.body.classList.contains("wall");
const RETRY_MS = 2000, NEWS_MS = 60_000, SILENT_MS = 4000;
const lines = new Lines();
const cards = new Cards($("#cards"), wall ? new Leaves($("#leaf")) : null);
const alarms = new Alarms($("#sound"), $("#sound-state"));
const replay = new Replay($("#past"), () => draw(null));
let waiting = false, loaded = false, leftOut = 0, stopped = "", heard = performance.now(), newsUntil = 0;

function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const touched = lines.changed;
    lines.changed = new Set();
    draw(touched);
  });
}

/** Without `touched` all is drawn anew: another time, other filters. */
function draw(touched) {
  const now = serverNow(), all = lines.all();
  tell(alarms.look(all, now));
  if (!replay.isOn) show(all, now, touched);
  else if (touched === null) show(replay.lines, replay.at, null);
}

function show(all, now, touched) {
  const wanted = all.filter((line) => isWanted(line, now));
  const order = cards.show(wanted, now, touched);
  count(order, now);
  outside(all, wanted, now);
  $("#none").hidden = order.length > 0 || !loaded || Boolean(stopped) || replay.isOn;
}

function count(order, now) {
  const numbers = numbersOf(order), { overdue } = numbers;
  for (const [name, number] of Object.entries(numbers)) put(`#n-${name}`, number);
  say($("#clock"), clockTime(now - (now % 1000)));
  say(document.querySelector("title"), `${overdue ? `(${overdue}) ` : ""}${t("值班看板")} · ${t("报事")}`);
}

function put(selector, number) {
  const element = $(selector);
  say(element, String(number));
  element.parentElement.classList.toggle("some", number > 0);
}

/** Filters may hide what is loud, but not that it is there. */
function outside(all, wanted, now) {
  const loud = (some) => some.filter((line) => !line.drill && rankOf(line, now) <= EMERGENCY_WAITING).length;
  const hidden = loud(all) - loud(wanted);
  const words = [hidden && t("筛选之外还有 {n} 件超时或急事未回应", { n: hidden }), leftOut && t("另有 {n} 件未列出", { n: leftOut })].filter(Boolean);
  const sign = $("#outside");
  sign.hidden = !words.length;
  say(sign, words.join(" · "));
}

/** In a replay a live alarm still comes to the front. */
function tell(fresh) {
  const news = $("#news");
  if (fresh.length && replay.isOn) {
    const { line } = fresh[0];
    news.textContent = t("现在:{what} {place} 等 {n} 件超时或急事", { what: nameOf("category", line.category), place: line.place ?? "", n: fresh.length });
    newsUntil = performance.now() + NEWS_MS;
  }
  news.hidden = !replay.isOn || performance.now() > newsUntil;
}

/** How long nothing was heard stands there in seconds; what is shown meanwhile is hatched. */
function tellStopped() {
  const sign = $("#paused");
  document.body.classList.toggle("stopped", Boolean(stopped));
  sign.hidden = !stopped;
  if (stopped) sign.textContent = t("{why},已 {time};以下不是现状", { why: stopped, time: duration(performance.now() - heard) });
}

function stop(why) {
  if (!stopped) announce(why, true);
  stopped = why;
  tellStopped();
}

/** A session that is over ends the stream without a word: only a question of its own says so. */
function paused() {
  stop(t("画面已停,收不到消息"));
  register.get("/v1/estates").catch((error) => error.status === 401 && stop(t("登录已失效,请重新登录")));
}

/** Says that the stream lives, and nothing of a board still to be loaded. A page that nobody sees rings by it, for its
    timers stand nearly still. */
function onPulse(pulse) {
  if (document.hidden) tell(alarms.look(lines.all(), serverNow()));
  if (!loaded) {
    if (performance.now() - heard > SILENT_MS) stop(stopped || t("看板读不到"));
  } else if (pulse.reading) {
    heard = performance.now();
    stopped = "";
    tellStopped();
  } else stop(t("登记服务收不到新的报事"));
}

/** A whole board; meanwhile the stream goes on, and what it has told counts more. */
async function load() {
  const turn = lines.asked();
  loaded = false;
  try {
    const board = await register.get("/v1/board");
    if (!lines.load(board.lines, turn)) return board.mark;
    setClock(board.now);
    leftOut = board.left_out;
    loaded = true;
    heard = performance.now();
    stopped = "";
    tellStopped();
    soon();
    return board.mark;
  } catch (error) {
    stop(error.status === 401 ? t("登录已失效,请重新登录") : t("看板读不到"));
    await new Promise((done) => setTimeout(done, RETRY_MS));
    return lines.isLast(turn) ? load() : "";
  }
}

function take(data, act) {
  act(JSON.parse(data));
  soon();
}

async function begin() {
  setInterval(() => {
    if (stopped) tellStopped();
  }, 500);
  const estates = await retried(loadEstates);
  readFilters($("#filters"), estates, () => {
    draw(null);
    drawToday($("#today"), wall);
  });
  const mark = await load();
  follow(`/v1/board/stream?last_event_id=${encodeURIComponent(mark)}`, {
    on: { line: (data) => take(data, (line) => lines.apply(line)), gone: (data) => take(data, (gone) => lines.drop(gone)) },
    onPulse,
    onPaused: paused,
    onReset: load,
  });
  setInterval(() => draw(new Set()), 1000);
  await followDuty($("#duty"));
  followDevices($("#devices"));
  followToday($("#today"), wall);
  draw(null);
}

async function retried(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      stop(error.status === 401 ? t("登录已失效,请重新登录") : t("看板读不到"));
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

begin();
