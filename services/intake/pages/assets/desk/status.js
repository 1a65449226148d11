// Says what is away, what still works and what does not. Calm is only shown when everything answered just now.
import { register } from "/assets/api.js";
import { $, announce, fill, h } from "/assets/dom.js";
import { patience } from "/assets/patience.js";
import { t } from "/assets/words.js";
import { asides, settled } from "./aside.js";
import { call } from "./call.js";
import { data } from "./data.js";
import { lefts, stranded, typed } from "./left.js";
import { isUnknown, sending, unsent } from "./outbox.js";

const EVERY_MS = 3000;
const PATIENCE_MS = 2500;
const strip = $("#status");
const known = { intake: true, kafka: true, mongodb: true, spool_has_room: true, register: true, stream: true };
let before = null, looked = false, acts = {};

/** `on`: `open` a call that was set aside and is settled, `take` over one that the one before has typed. */
export function watch(on) {
  acts = on;
  lefts.addEventListener("change", render);
  asides.addEventListener("change", render);
  look();
  setInterval(look, EVERY_MS);
  sending.addEventListener("change", render);
}

/** The stream's word: a pause is no calm. */
export function streamIs(running) {
  known.stream = running;
  render();
}

async function look() {
  const [door, window] = await Promise.all([ready(""), ready(register.address(""))]);
  known.intake = Boolean(door);
  for (const part of ["kafka", "mongodb", "spool_has_room"]) known[part] = door ? door[part] !== false : known[part];
  known.register = Boolean(window) && window.ready !== false;
  looked = true;
  render();
}

/** 503 is an answer too: it names what is missing. */
async function ready(base) {
  try {
    const response = await fetch(`${base}/health/ready`, { signal: patience(PATIENCE_MS), credentials: "omit" });
    return await response.json();
  } catch {
    return null;
  }
}

function lines() {
  const phone = data.phone ? ` ${data.phone}` : "";
  if (!known.intake) return [["alarm", t("受理连不上:请用电话、电台报事;已填的内容留在本页,接通后自动送出") + phone]];
  const found = [];
  if (!known.spool_has_room) found.push(["alarm", t("本机暂存已满:请用电话、电台报事") + phone]);
  if (!known.kafka) found.push(["warn", t("Kafka 不通:报事仍可受理,存入本机,恢复后送出。急事同时用电台、电话通知;答复暂时看不到")]);
  if (!known.mongodb) found.push(["warn", t("MongoDB 不通:报事仍可受理。住户资料、以前的报事、进度暂时查不到")]);
  if (!known.register && known.mongodb && known.kafka) found.push(["warn", t("登记查询不通:报事仍可受理,进度暂时看不到")]);
  if (found.length === 0 && !known.stream) found.push(["warn", t("实时更新中断:正在重连,以下不是最新")]);
  return found;
}

const line = (one) =>
  [...(one.answered ? ["warn", t("先前的报事已受理:{what}", { what: one.label })]
    : ["alarm", t("先前的报事没有被接受,请打开:{what}", { what: one.label })]), t("打开"), () => acts.open(one)];

/** What the one before at this desk has left: his calls one by one, what only he can send as a number. */
function leftLines() {
  const { said, reports } = stranded();
  const found = typed().map((one) => ["alarm", one.call.report ? t("前一位值班人有更改没有补报:{what}", { what: one.label })
    : t("前一位值班人有一个来电没有发出:{what}", { what: one.label }), t("接过来"), () => acts.take(one)]);
  if (reports) found.push(["alarm", t("{n} 宗报事是前一位值班人没有发出的,您在此不能发:请其在本页登录后发送,急事请打电话", { n: reports })]);
  if (said) found.push(["warn", t("{n} 条答复或补报是前一位值班人没有发出的,请其在本页登录后发送", { n: said })]);
  return found;
}

function render() {
  if (!looked) return;
  const unknown = unsent().filter((one) => one.unknown);
  const found = lines();
  if (unknown.length) found.push(["warn", t("{n} 项还不知道是否收到,正用同一编号重发,不会重复:{what}", { n: unknown.length, what: unknown.map((one) => one.label).join("、") })]);
  if (call.body && isUnknown(call.key)) found.push(["warn", t("可先接下一个来电:按类别键或 N,这宗继续重发")]);
  found.push(...settled().map(line), ...leftLines());
  const text = JSON.stringify(found);
  if (text === before) return;
  const worse = before !== null && found.length;
  before = text;
  fill(strip, found.length ? found.map(([kind, said, act, go]) => h("p", { class: `notice ${kind}` }, said, go ? [" ", h("button", { type: "button", onclick: go }, act)] : null)) : h("p", { class: "calm" }, t("一切正常")));
  if (worse) announce(found[0][1], found[0][0] === "alarm");
}
