// One question as an input. What a person typed stays in the input; nothing here is rendered twice.
import { LAST_TIME, fieldTime, sentTime, serverNow } from "/assets/times.js";
import { h } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { choiceName, estate, personName, words } from "./data.js";

let count = 0;

/** `{element, input, read, show}`: the whole field, what takes the focus, its value now, and a way to set it. */
export function fieldOf(question, { value, onchange = () => {}, required = false } = {}) {
  const id = `f${(count += 1)}-${question.field}`;
  const why = h("p", { class: "why", id: `${id}-why`, hidden: true });
  const made = (MAKERS[question.type] ?? text)(question, id, onchange);
  if (value !== undefined && value !== null && value !== "") made.set(value);
  const label = made.group
    ? h("span", { class: "label", id: `${id}-label` }, words(question))
    : h("label", { for: id }, words(question), required ? h("span", { class: "muted" }, " *") : null);
  const wide = (question.choices?.length ?? 0) > 4;
  const element = h("div", { class: `field${wide ? " whole" : ""}`, dataset: { field: question.field, report: question.report ?? "" } }, label, made.element, why);
  made.input.setAttribute("aria-describedby", why.id);
  return {
    question, element, input: made.input, read: made.read, set: made.set,
    refuse: (reason) => refuse(made.input, why, reason),
  };
}

function refuse(input, why, reason) {
  why.textContent = reason ?? "";
  why.hidden = !reason;
  if (reason) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

function plain(props, question, id, onchange, read = (e) => e.value.trim()) {
  const element = h("input", { id, autocomplete: "off", ...props, oninput: () => onchange(read(element)) });
  return { element, input: element, read: () => read(element), set: (value) => (element.value = value) };
}

const LONG = new Set(["text", "content", "question", "answer"]);

function text(question, id, onchange) {
  if (!LONG.has(question.report ?? question.field)) {
    const props = { type: "text", maxlength: question.report ? "80" : "2000" };
    if (question.field.includes("phone")) Object.assign(props, { inputmode: "tel" });
    if (/place/.test(question.field)) Object.assign(props, { list: "places" });
    return plain(props, question, id, onchange);
  }
  const element = h("textarea", { id, rows: "2", maxlength: "4000", oninput: () => onchange(element.value.trim()) });
  return { element, input: element, read: () => element.value.trim(), set: (value) => (element.value = value) };
}

/** By the estate's clock, wherever the computer's own stands. */
function time(question, id, onchange) {
  const zone = estate().time_zone;
  const read = (e) => sentTime(e.value, zone);
  const made = plain({ type: "datetime-local", step: "1", max: LAST_TIME }, question, id, onchange, read);
  return { ...made, set: (value) => (made.input.value = fieldTime(value, zone)) };
}

/** Now, by the installation's clock, as a field for a time takes it. */
export const nowText = () => new Date(serverNow()).toISOString();

const number = (question, id, onchange) =>
  plain({ type: "number", min: "0", step: "any" }, question, id, onchange, (e) => (e.value === "" ? "" : Number(e.value)));

/** Buttons beside one another, by Tab and blank; one of them, or several. */
function choice(question, id, onchange) {
  return buttons(question, id, onchange, question.choices.map((code) => [code, choiceName(question.field, code)]), question.several);
}

function flag(question, id, onchange) {
  const made = buttons(question, id, onchange, [["yes", t("是")], ["no", t("否")]], false, (code) => code === "yes");
  return { ...made, set: (value) => made.press([value === true || value === "yes" ? "yes" : "no"]) };
}

function buttons(question, id, onchange, options, several, as = (code) => code) {
  const pressed = new Set();
  const element = h("div", { id, class: "choices", role: "group", "aria-labelledby": `${id}-label`, tabindex: "-1" });
  const read = () => (several ? [...pressed] : pressed.size ? as([...pressed][0]) : "");
  const press = (codes) => {
    pressed.clear();
    for (const code of codes) pressed.add(code);
    for (const button of element.children) button.setAttribute("aria-pressed", String(pressed.has(button.value)));
  };
  const toggle = (code) => {
    const rest = several ? [...pressed].filter((one) => one !== code) : [];
    press(pressed.has(code) ? rest : [...rest, code]);
    onchange(read());
  };
  for (const [code, name] of options) {
    element.append(h("button", { type: "button", value: code, "aria-pressed": "false", onclick: () => toggle(code) }, name));
  }
  return { element, input: element, group: true, read, press, set: (value) => press([value].flat().map(String)) };
}

function picked(options, several) {
  return (question, id, onchange) => {
    if (several) return buttons(question, id, onchange, options(), true);
    const element = h("select", { id, onchange: () => onchange(element.value) }, h("option", { value: "" }, "—"),
      options().map(([code, name]) => h("option", { value: code }, name)));
    return { element, input: element, read: () => element.value, set: (value) => (element.value = value) };
  };
}

const departments = () => estate().departments.map((d) => [d.id, words(d)]);
const MAKERS = {
  text, time, number, choice, flag,
  posts: picked(() => estate().posts.map((p) => [p.id, p.zh]), true),
  person: picked(() => Object.keys(estate().people).map((id) => [id, personName(id)])),
  department: picked(departments),
  owner: picked(departments),
};
