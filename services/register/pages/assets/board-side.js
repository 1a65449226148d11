// Beside the cards: who is on duty, and which devices are silent. Notify knows the devices, an estate at a time.
import { h, fill } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { nameOf } from "/assets/names.js";
import { dayTime } from "/assets/times.js";
import { notify, register } from "/assets/api.js";
import { chosen } from "/assets/register/board-filters.js";
import { codes, estateName, postName, rememberPosts, zoneOf } from "/assets/register/board-places.js";

const DUTY_MS = 30_000, ROUND_MS = 60_000, LEAST_MS = 1000;
const devices = new Map();

/** Asks again and again; an answer that does not come is shown as such and not as nobody or nothing silent. */
export async function followDuty(element) {
  try {
    const { estates } = await register.get("/v1/board/duty");
    rememberPosts(estates);
    if (element) drawDuty(element, estates);
  } catch {
    if (element) fill(element, h("p", { class: "notice warn" }, t("当班情况读不到")));
  }
  setTimeout(() => followDuty(element), DUTY_MS);
}

function drawDuty(element, rosters) {
  const shown = rosters.filter(({ estate }) => !chosen.estate || estate === chosen.estate);
  const open = new Set([...element.querySelectorAll("details[open]")].map((d) => d.dataset.estate));
  fill(element, shown.map((roster) => oneEstate(roster, open.has(roster.estate) || shown.length <= 3)));
}

function oneEstate(roster, open) {
  const roles = roster.roles.filter(({ role }) => role !== "department_head");
  const empty = roles.filter(({ holders }) => !holders.length).length;
  return h(
    "details",
    { open, dataset: { estate: roster.estate } },
    h("summary", {}, estateName(roster.estate), " ", empty > 0 && h("span", { class: "badge warn" }, t("{n} 个岗位无人", { n: empty }))),
    h("dl", { class: "facts" }, roles.map(({ role, holders }) => [
      h("dt", {}, nameOf("role", role)),
      holders.length ? h("dd", {}, holders.map((holder) => whoIs(roster.estate, holder)).join("、")) : h("dd", { class: "nobody" }, t("无人")),
    ])),
  );
}

function whoIs(estate, { person, post, name }) {
  const who = name ?? person ?? "";
  return post ? `${postName(estate, post)} ${who}`.trim() : who;
}

/** One estate after another, so that fifty of them are no burst. */
export async function followDevices(element) {
  const wanted = codes().filter((code) => !chosen.estate || code === chosen.estate);
  for (const code of wanted) {
    try {
      devices.set(code, (await notify.get(`/v1/estates/${code}/devices`)).devices.filter((d) => d.silent || d.lost_at));
    } catch (error) {
      devices.set(code, error.status === 404 ? [] : null);
    }
    drawDevices(element, wanted);
    await new Promise((done) => setTimeout(done, Math.max(LEAST_MS, ROUND_MS / wanted.length)));
  }
  setTimeout(() => followDevices(element), wanted.length ? 0 : ROUND_MS);
}

function drawDevices(element, wanted) {
  const asked = wanted.filter((code) => devices.has(code));
  const unknown = asked.filter((code) => devices.get(code) === null);
  const silent = asked.flatMap((code) => (devices.get(code) ?? []).map((device) => ({ code, device })));
  fill(
    element,
    silent.map(({ code, device }) => h("p", { class: "device" },
      h("b", {}, estateName(code), " · ", device.post ? postName(code, device.post) : device.id),
      " ", device.lost_at ? t("{time} 起无应答", { time: dayTime(device.lost_at, zoneOf(code)) }) : t("测试未答"))),
    unknown.length > 0 && h("p", { class: "notice warn" }, t("{n} 个小区的设备读不到", { n: unknown.length })),
    !silent.length && !unknown.length && h("p", { class: "muted" }, t("没有")),
  );
}
