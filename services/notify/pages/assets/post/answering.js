// 完成, 不能, 转交: what is asked before such an answer goes out.
import { h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { t } from "/assets/words.js";
import { big, open, text } from "/assets/notify/post/dialogs.js";
import { fieldFor } from "/assets/notify/post/fields.js";
import { labelOf } from "/assets/notify/post/saying.js";

/** One outcome with nothing to record is said at once; else it is chosen first. */
export function complete(task, people, say) {
  const own = task.outcomes.filter((outcome) => outcome.own);
  if (own.length === 1 && !own[0].fields.length) return say({ type: "complete", outcome: own[0].outcome, record: {} });
  if (own.length === 1) return record(task, own[0], people, say);
  const others = task.outcomes.filter((outcome) => !outcome.own);
  const key = (outcome, kind) =>
    big(nameOf("outcome", outcome.outcome), () => {
      close();
      chosen(task, outcome, people, say);
    }, kind);
  const close = open(t("结果是?"), own.map((outcome) => key(outcome, "primary")), others.map((outcome) => key(outcome, "plain")));
}

/** Outcomes that every step takes, for whoever says that it cannot be done at all. */
export function impossible(task, people, say) {
  const outcome = task.outcomes.find((one) => one.outcome === "impossible");
  if (outcome) record(task, outcome, people, say);
}

function chosen(task, outcome, people, say) {
  if (outcome.fields.length) record(task, outcome, people, say);
  else say({ type: "complete", outcome: outcome.outcome, record: {} });
}

function record(task, outcome, people, say) {
  const fields = outcome.fields.map((id) => fieldFor(task.fields.find((field) => field.id === id), people));
  const send = () => {
    const wrong = fields.filter((field) => field.mistake());
    if (wrong.length) return wrong[0].element.scrollIntoView({ block: "center" });
    close();
    const filled = fields.map((field) => [field.id, field.value()]).filter(([, value]) => value !== null && value !== "");
    say({ type: "complete", outcome: outcome.outcome, record: Object.fromEntries(filled) });
  };
  const close = open(nameOf("outcome", outcome.outcome), fields.map((field) => field.element), big(t("发送"), send));
}

const REASONS = () => [t("正在办另一件急事"), t("离得太远"), t("身体不适"), t("不会做这件事")];

/** Refused without a reason and who takes it: no shirking (SOP S2c). */
export function decline(task, people, say) {
  const reason = text("decline-reason", t("为什么不能"), REASONS());
  const onward = text("decline-onward", t("谁来办"), places(people).map(([, name]) => name), { hint: t("严禁推诿:写明已联系谁来办") });
  const send = () => {
    reason.mistake(reason.value() ? "" : t("请写原因"));
    if (!reason.value()) return;
    onward.mistake(onward.value() ? "" : t("请写明谁来办"));
    if (!onward.value()) return;
    close();
    say({ type: "decline", reason: reason.value(), onward: onward.value() });
  };
  const never = task.outcomes.some((outcome) => outcome.outcome === "impossible")
    ? h("button", { type: "button", class: "plain big", onclick: () => { close(); impossible(task, people, say); } }, t("谁都办不到"))
    : null;
  const close = open(t("不能办"), reason.element, onward.element, big(t("发送"), send), never);
}

/** To somebody by name (said by his post), to a role above, or to a department. */
export function handOn(task, people, say) {
  const choices = h("div", { class: "keys", role: "group", "aria-label": t("交给谁") });
  let to = null;
  for (const [target, name] of places(people)) {
    const key = h("button", { type: "button", "aria-pressed": "false" }, name);
    key.addEventListener("click", () => {
      for (const other of choices.children) other.setAttribute("aria-pressed", "false");
      key.setAttribute("aria-pressed", "true");
      to = target;
    });
    choices.append(key);
  }
  const why = h("p", { class: "why", hidden: true, role: "alert" }, t("请选交给谁"));
  const reason = text("hand-on-reason", t("为什么转交"), REASONS());
  const send = () => {
    why.hidden = to !== null;
    reason.mistake(reason.value() ? "" : t("请写原因"));
    if (!to || !reason.value()) return;
    close();
    say({ type: "hand_on", reason: reason.value(), ...to });
  };
  const close = open(t("转交给谁"), h("div", { class: "field" }, choices, why), reason.element, big(t("发送"), send));
}

function places(people) {
  return [
    ...people.people.map((one) => [{ to_person: one.person }, one.zh]),
    ...people.roles.map((role) => [{ to_role: role }, nameOf("role", role)]),
    ...people.departments.map((one) => [{ to_department: one.department }, labelOf(one)]),
  ];
}
