// Builds elements. What people wrote becomes text nodes and attributes, never markup.

/** `h("button", {class: "big", onclick: f, disabled: true}, "text", child, null)`; null and false are left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name in element && name !== "list" && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Takes the place of everything inside. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** Puts words into an element; the same words again would be laid out again, at every frame. */
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

const HEARD_MS = 50, GONE_MS = 10_000;

/** Says something to whoever hears the page instead of seeing it. What is said right after comes behind it, not over it. */
export function announce(text, urgent = false) {
  const id = urgent ? "said-now" : "said";
  let region = document.getElementById(id);
  if (!region) {
    region = h("div", { id, class: "visually-hidden", "aria-live": urgent ? "assertive" : "polite" });
    document.body.append(region);
  }
  const line = h("p", {}, text);
  // A region that was made just now is not listened to yet.
  setTimeout(() => region.append(line), HEARD_MS);
  setTimeout(() => line.remove(), GONE_MS);
}
