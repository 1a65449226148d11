// What a step wants recorded, as big inputs. A field that may be unknown takes 不知道 with who was asked.
import { h } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { LAST_TIME, fieldTime, sentTime, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";
import { labelOf } from "/assets/notify/post/saying.js";

/** An element with `value()`: what is recorded, null for nothing; `mistake()`: why it will not do. */
export function fieldFor(field, people) {
  const id = `field-${field.id}`;
  const input = inputFor(field, id, people);
  const asked = h("input", { id: `${id}-asked`, maxlength: 80 });
  const instead = h("div", { class: "instead", hidden: true }, h("label", { for: asked.id }, t("问了谁")), asked);
  const unknown = field.unknown && !field.choices.length ? unknownKey(input.element, instead, asked) : null;
  const why = h("p", { class: "why", hidden: true, role: "alert" });
  const labelled = input.group
    ? h("p", { class: "label", id: `${id}-label` }, nameOfField(field))
    : h("label", { for: id }, nameOfField(field));
  const element = h("div", { class: "field" }, labelled, input.element, unknown, instead, why);
  const isUnknown = () => unknown?.getAttribute("aria-pressed") === "true";
  const value = () => (isUnknown() ? `${t("不详")},${asked.value.trim()}` : input.value());
  return { element, id: field.id, value, mistake: () => show(why, mistakeOf(field, isUnknown(), asked, input)) };
}

const nameOfField = (field) => labelOf(field) + (field.optional ? ` ${t("(可不填)")}` : "");

function mistakeOf(field, unknown, asked, input) {
  if (unknown) return asked.value.trim() ? "" : t("不知道也行,请写问了谁");
  const value = input.value();
  if (field.optional || !(value === null || value === "" || (Array.isArray(value) && !value.length))) return "";
  return field.unknown ? t("请填写,或按“不知道”") : t("请填写");
}

function show(why, mistake) {
  why.textContent = mistake;
  why.hidden = !mistake;
  return mistake;
}

function unknownKey(input, instead, asked) {
  const key = h("button", { type: "button", "aria-pressed": "false" }, t("不知道"));
  key.addEventListener("click", () => {
    const on = key.getAttribute("aria-pressed") !== "true";
    key.setAttribute("aria-pressed", String(on));
    input.hidden = on;
    instead.hidden = !on;
    if (on) asked.focus();
  });
  return key;
}

function inputFor(field, id, people) {
  if (field.type === "flag") return keys(id, [["true", t("是")], ["false", t("否")]], false, (v) => v === "true");
  if (field.choices.length) {
    return keys(id, field.choices.map((code) => [code, nameOf("choice", code)]), field.several);
  }
  if (field.type === "posts") return keys(id, people.people.map((one) => [one.post, one.zh]), true);
  const others = { person: persons, department: departments, owner: owners }[field.type]?.(people);
  if (others?.length) return keys(id, others, false);
  if (field.type === "time") return time(id, people.zone);
  const number = field.type === "number";
  const element = h("input", { id, maxlength: 500, ...(number ? { inputmode: "numeric" } : {}) });
  return { element, value: () => (number && /^\d+$/.test(element.value.trim()) ? Number(element.value) : element.value.trim() || null) };
}

const persons = (people) => [
  ...(people.own ?? []).map((one) => [one.person, one.name]),
  ...people.people.map((one) => [one.person, one.zh]),
];
const departments = (people) => people.departments.map((one) => [one.department, labelOf(one)]);
const owners = (people) => [...people.roles.map((role) => [role, nameOf("role", role)]), ...departments(people)];

/** Big keys instead of a list: one of them, or several. */
function keys(id, choices, several, read = (value) => value) {
  const element = h("div", { class: "keys", role: "group", "aria-labelledby": `${id}-label` });
  for (const [code, name] of choices) {
    const key = h("button", { type: "button", "aria-pressed": "false", dataset: { code } }, name);
    key.addEventListener("click", () => {
      const on = key.getAttribute("aria-pressed") !== "true";
      if (!several) for (const other of element.children) other.setAttribute("aria-pressed", "false");
      key.setAttribute("aria-pressed", String(on));
    });
    element.append(key);
  }
  const pressed = () => [...element.children].filter((key) => key.getAttribute("aria-pressed") === "true").map((key) => key.dataset.code);
  const value = () => (several ? pressed() : pressed().length ? read(pressed()[0]) : null);
  return { element, group: true, value };
}

/** Now by the estate's clock, unless somebody says otherwise; seconds are kept while it is left alone. */
function time(id, zone) {
  const now = new Date(serverNow());
  const local = fieldTime(now, zone).slice(0, 16);
  const element = h("input", { id, type: "datetime-local", max: LAST_TIME });
  element.value = local;
  const value = () => (element.value === local ? now.toISOString() : sentTime(element.value, zone) || null);
  return { element, value };
}
