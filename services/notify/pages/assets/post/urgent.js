// Keys that are always there: I need help, an ambulance that nobody announced, taking over at the change of shift.
import { h } from "/assets/dom.js";
import { clockTime, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";
import { big, open, text } from "/assets/notify/post/dialogs.js";

/**
 * On an emergency's task it is said there; else it is an emergency of its own, for a routine task's ladder is slow. Who is
 * really in need during a drill says so by another key: on the drill's task nobody would believe it.
 */
export function needHelp(here, tasks, { reply, file, isOpen }) {
  const own = tasks.filter((one) => one.lane === "emergency" && one.why === "own");
  const task = own.find((one) => !one.drill) ?? own[0];
  const note = text("help-note", t("出了什么事(可不填)"), [t("有人受伤"), t("有人闹事"), t("需要更多人")]);
  const emergency = (said) => {
    const words = t("岗位求援,请马上联系并派人");
    return { category: "general", kind: "danger", channel: "radio", place: here.name, text: said ? `${words}:${said}` : words };
  };
  const sendAlone = () => {
    close();
    file(emergency(note.value()), t("要支援"), { urgent: true });
  };
  const sendOnTask = () => {
    close();
    const said = note.value();
    const alone = { ...emergency(said), ...(task.drill ? { drill: true } : {}) };
    if (!isOpen(task)) return file(alone, t("要支援"), { urgent: true });
    // A case that ended meanwhile refuses it, and then nobody would come.
    const otherwise = { body: alone, what: t("要支援:原任务已结束,另报急事") };
    return reply(task, { type: "need_help", ...(said ? { note: said } : {}) }, undefined, { urgent: true, otherwise });
  };
  const keys = task?.drill
    ? [big(t("真的要支援,不是演习"), sendAlone, "alarm"), big(t("演习中要支援"), sendOnTask, "plain")]
    : big(t("马上要支援"), task ? sendOnTask : sendAlone, "alarm");
  const close = open(t("我要支援"), keys, note.element,
    h("p", { class: "hint" }, task ? t("将告诉保安部主管:{place}", { place: task.place ?? "" }) : t("将作为急事报出,班长会马上收到")));
}

/** An ambulance stands at the gate and no case says why (SOP S3.2). */
export function ambulance(here, { file }) {
  const send = () => {
    close();
    const report = { category: "medical", help: ["ambulance"], channel: "gate", place: here.name };
    file({ ...report, text: t("救护车已到门口,没有个案") }, t("救护车已到,无个案"));
  };
  const close = open(t("救护车已到,无个案"), h("p", {}, t("先放行,不请示。这里按一下就报给前台。")), big(t("报给前台"), send, "alarm"));
}

/**
 * The one who comes signs for what the one who goes still holds; each task is handed to him by name (SOP, S9). Who signed
 * in with an account of his own (`state.own`) comes himself: the door takes nobody's signature from him but his own.
 */
export function takeOver(state, tasks, { reply, become, isHeld }) {
  const held = tasks.filter((task) => task.why === "own" && task.answers.length > 1 && isHeld(task));
  const list = h("ul", { class: "plain held" }, held.map((task) => h("li", {}, task.place ?? "", " · ", state.words(task.words))));
  const why = h("p", { class: "why", hidden: true, role: "alert" });
  let chosen = null;
  const names = h("div", { class: "keys", role: "group", "aria-label": t("接班人") });
  for (const person of state.own ? [state.own] : state.people) {
    const key = h("button", { type: "button", "aria-pressed": "false" }, person.name);
    key.addEventListener("click", () => {
      for (const other of names.children) other.setAttribute("aria-pressed", String(other === key));
      chosen = person;
    });
    names.append(key);
  }
  const told = text("told", t("交代的情况"), [t("无异常")]);
  const clear = h("input", { type: "checkbox", id: "taken-clear" });
  const signature = h("input", { id: "signature", maxlength: 40, autocomplete: "off" });
  const sign = () => {
    const mistake = mistakeOf(chosen, clear, signature);
    why.textContent = mistake;
    why.hidden = !mistake;
    if (mistake) return;
    close();
    const at = clockTime(new Date(serverNow()).toISOString(), state.time_zone);
    const words = t("交接班:{told};{name} 已接清,签名 {signature} {at}", {
      told: told.value() || t("无异常"), name: chosen.name, signature: signature.value.trim(), at,
    });
    for (const task of held.filter((one) => one.to.person !== chosen.person)) {
      reply(task, { type: "hand_on", reason: words, to_person: chosen.person }, task.to.person);
      reply(task, { type: "acknowledge" }, chosen.person);
    }
    become(chosen.person);
  };
  const close = open(
    t("接班"),
    h("h3", {}, t("接班人")), names,
    h("h3", {}, held.length ? t("未完任务,签名后归您") : t("没有未完任务")), list,
    told.element,
    h("div", { class: "field tick" }, clear, h("label", { for: clear.id }, t("我已接清"))),
    h("div", { class: "field" }, h("label", { for: signature.id }, t("签名(写自己的姓名)")), signature), why,
    big(t("签名接班"), sign),
  );
}

function mistakeOf(chosen, clear, signature) {
  if (!chosen) return t("请选接班人");
  if (!clear.checked) return t("请勾选“我已接清”");
  if (signature.value.trim() !== chosen.name) return t("签名须与所选姓名相同");
  return "";
}
