// Dialogs fill a small screen: what is asked on top, big keys below, always a way back.
import { h } from "/assets/dom.js";
import { t } from "/assets/words.js";

/** Opens with this content and gives a function that closes it. */
export function open(title, ...content) {
  const id = "dialog-title";
  const back = h("button", { type: "button", class: "back" }, t("返回"));
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": id }, h("h2", { id }, title), ...content, back);
  const close = () => dialog.close();
  back.addEventListener("click", close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** A text with quick words to tap beside it. */
export function text(id, label, quick = [], { hint = "" } = {}) {
  const input = h("textarea", { id, rows: 2, maxlength: 500, ...(hint ? { "aria-describedby": `${id}-hint` } : {}) });
  const why = h("p", { class: "why", hidden: true, role: "alert" });
  const words = quick.map((word) =>
    h("button", { type: "button", class: "quick", onclick: () => { input.value = input.value ? `${input.value},${word}` : word; } }, word),
  );
  const element = h(
    "div", { class: "field" }, h("label", { for: id }, label), hint ? h("p", { id: `${id}-hint`, class: "hint" }, hint) : null,
    words.length ? h("div", { class: "quicks" }, words) : null, input, why,
  );
  const mistake = (words_) => {
    why.textContent = words_;
    why.hidden = !words_;
    input.setAttribute("aria-invalid", String(Boolean(words_)));
    if (words_) input.focus();
  };
  return { element, value: () => input.value.trim(), mistake };
}

export function big(label, act, kind = "primary") {
  return h("button", { type: "button", class: `big ${kind}`, onclick: act }, label);
}
