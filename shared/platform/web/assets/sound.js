// Rings. A browser makes no sound before somebody has touched the page, so a page asks for one click first.
let context = null;

/** To be called from a click or a key. True when the page can ring from now on. */
export async function arm() {
  context ??= new AudioContext();
  await context.resume();
  return context.state === "running";
}

export const isArmed = () => context?.state === "running";

/** Two tones, `times` times; louder things ring longer. Silent before `arm`. */
export function ring(times = 2) {
  if (!isArmed()) return false;
  const start = context.currentTime + 0.02;
  for (let n = 0; n < times; n += 1) {
    tone(880, start + n * 0.5, 0.2);
    tone(660, start + n * 0.5 + 0.22, 0.2);
  }
  navigator.vibrate?.(Array(times).fill([200, 100]).flat());
  return true;
}

function tone(frequency, at, length) {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.6, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + length);
}
