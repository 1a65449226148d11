// One key each, only while no field has the focus, and they can be switched off (WCAG 2.1.4).
import { $ } from "/assets/dom.js";

const KEPT = "baoshi.desk.shortcuts";
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

/** `single`: what a key does; `send`: Ctrl+Enter, everywhere. */
export function listen(single, send) {
  const box = $("#shortcuts");
  box.checked = localStorage.getItem(KEPT) !== "off";
  box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat) send();
      return;
    }
    if (event.key === "Escape") return document.activeElement?.blur?.();
    const act = single[event.key.toLowerCase()];
    if (!act || !box.checked || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(TYPING)) return;
    event.preventDefault();
    act();
  });
}
