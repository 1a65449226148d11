// Small windows that ask something before it is done. A window that is closed has done nothing.
import { h } from "/assets/dom.js";
import { t } from "/assets/words.js";

/** `build(close)` gives the content; resolves with what `close` was given, null for Esc. */
export function open(title, build, { wide = false } = {}) {
  return new Promise((done) => {
    const before = document.activeElement;
    const dialog = h("dialog", { class: wide ? "wide" : "", "aria-labelledby": "asked" });
    const close = (value = null) => {
      dialog.close();
      dialog.remove();
      before?.focus?.();
      done(value);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    const head = h("div", { class: "row dialog-head" }, h("h2", { id: "asked", class: "grow" }, title),
      h("button", { type: "button", "aria-label": t("关闭"), onclick: () => close(null) }, "✕"));
    dialog.append(head, ...[build(close, dialog)].flat());
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input, button.primary, button.alarm"))?.focus();
  });
}

/** True when it was agreed to. */
export const confirm = (title, text, yes, { alarm = false } = {}) =>
  open(title, (close) => [
    h("p", {}, text),
    h("div", { class: "row" },
      h("button", { type: "button", class: alarm ? "alarm" : "primary", autofocus: true, onclick: () => close(true) }, yes),
      h("button", { type: "button", onclick: () => close(null) }, t("取消"))),
  ]);

/** Resolves true only after the other side has repeated the place (SOP S3.0): a wrong one sends people astray. */
export const readBack = (place, before) =>
  open(t("更正地点:读给对方听,请对方复述"), (close) => {
    const yes = h("button", { type: "button", class: "primary", disabled: true, onclick: () => close(true) }, t("更正地点"));
    const tick = h("input", { type: "checkbox", id: "read-back", onchange: () => (yes.disabled = !tick.checked) });
    return [
      before ? h("p", { class: "muted" }, t("原地点:{place}", { place: before })) : null,
      h("p", { class: "read-aloud" }, place),
      h("label", { for: "read-back" }, tick, " ", t("对方已复述确认")),
      h("div", { class: "row" }, yes, h("button", { type: "button", onclick: () => close(null) }, t("取消"))),
    ];
  });

/** Shows a refusal in a window, each mistake in its words. */
export function problemOf(error) {
  const more = (error.errors ?? []).map((m) => `${m.field}:${m.reason};${m.way_out}`);
  return h("p", { class: "notice alarm", role: "alert" }, [error.detail ?? error.message, ...more].join(" "));
}
