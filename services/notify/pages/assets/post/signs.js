// What stands around the tasks: whether the line is cut, what waits to be sent or was refused, and who is on duty.
import { h } from "/assets/dom.js";
import { clockTime } from "/assets/times.js";
import { t } from "/assets/words.js";
import { canKeep } from "/assets/notify/post/kept.js";
import { said } from "/assets/notify/post/saying.js";

/** `closed`: the link is over; `away`: nobody answers. */
export function banners({ closed, away }) {
  return [
    closed ? h("p", { class: "notice alarm" }, t("本岗链接已失效,请重新扫描岗位二维码;已按的答复还留着")) : null,
    away ? h("p", { class: "notice alarm" }, t("连接中断,新任务可能收不到,请留意对讲机")) : null,
    canKeep() ? null : h("p", { class: "notice warn" }, t("此浏览器存不了答复,发送前请勿关闭页面")),
  ];
}

export function unsent(queue, zone) {
  const { waiting } = queue;
  const made = (one) => `${clockTime(new Date(one.at).toISOString(), zone)} ${one.what}`;
  return [
    waiting.length ? h("p", { class: "notice warn", role: "status" }, t("{n} 条答复等待发送", { n: waiting.length }),
      h("ul", { class: "plain" }, waiting.map((one) => h("li", {}, made(one))))) : null,
    queue.refused.map((one) =>
      h("div", { class: "notice alarm refused", role: "alert" },
        h("p", {}, t("没有被接受:{what}", { what: made(one) })),
        h("p", {}, typeof one.why === "string" ? one.why : said(one.why ?? { zh: "", en: "" })),
        h("button", { type: "button", onclick: () => queue.dismiss(one) }, t("知道了")))),
  ];
}

/** Who answers at a post; nobody is named on a page that is one person's own. */
export function onDuty(state, here, person) {
  if (!here.post) return [];
  const names = new Map(state.people.map((one) => [one.person, one.name]));
  const there = state.on_duty.map((one) => names.get(one) ?? one);
  const changed = person && !here.person && state.on_duty.length > 0 && !state.on_duty.includes(person);
  return [
    h("span", {}, person ? (names.get(person) ?? here.name ?? person) : there.length ? there.join(" ") : t("按班次表无人在岗")),
    changed ? h("span", { class: "badge warn" }, t("班次已换,请接班")) : null,
  ];
}
