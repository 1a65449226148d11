// When and how the page is drawn again: never under a finger, and nobody loses the focus by it.
import { fill } from "/assets/dom.js";

const LONGEST_PRESS_MS = 1500;

/**
 * Draws now, or once the finger is gone: a key that is replaced while it is pressed is not pressed at all. A finger that
 * leaves the screen unheard does not hold the page for longer than a long press.
 */
export function drawnWhenFree(drawNow) {
  let pressing = 0, later = false;
  const free = () => {
    pressing = 0;
    if (later) now();
  };
  const now = () => {
    later = false;
    drawNow();
  };
  addEventListener("pointerdown", () => {
    clearTimeout(pressing);
    pressing = setTimeout(free, LONGEST_PRESS_MS);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    addEventListener(name, () => {
      if (!pressing) return;
      clearTimeout(pressing);
      pressing = setTimeout(free);
    });
  }
  return () => {
    if (pressing) later = true;
    else now();
  };
}

/** What is the same as before is left alone: it is not read out anew, and keeps the focus. */
export function refill(element, children) {
  const anew = fill(element.cloneNode(false), children);
  if (!anew.isEqualNode(element)) element.replaceChildren(...anew.childNodes);
}

/** A key that was only put in again, or came anew under its id, has the focus that it had. */
export function focusAgain(focused) {
  if (focused === document.activeElement) return;
  (focused?.isConnected ? focused : focused?.id && document.getElementById(focused.id))?.focus?.();
}
