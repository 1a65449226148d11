// Rings until somebody says 明白. A browser is silent before it was touched, so the page asks for one tap.
import { arm, isArmed, ring } from "/assets/sound.js";

const EVERY_MS = 2500;
let timer = 0;

export { isArmed };

export async function wake() {
  return arm().catch(() => false);
}

/** Rings on as long as this is said to be true. */
export function alarm(on) {
  document.body.classList.toggle("ringing", on);
  if (on && !timer) {
    again();
    timer = setInterval(again, EVERY_MS);
  } else if (!on && timer) {
    clearInterval(timer);
    timer = 0;
    shake(0);
  }
}

function again() {
  if (!ring(2)) shake([300, 150, 300]);
}

/** A browser refuses this, too, before it was touched. */
function shake(pattern) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}
