// Everything that is said to intake. It goes out under a key of its own and, while nobody knows whether it was taken,
// again under the same key: a time-out is never a second report.
import { AwayError, ProblemError, intake, newKey } from "/assets/api.js";
import { own } from "/assets/whose.js";

const KEPT = own("baoshi.desk.unsent");
const PATIENCE_MS = 6000;
const PAUSE_MS = 2000;
export const sending = new EventTarget();
const waiting = new Map();

const tell = () => {
  const unsaid = [...waiting.values()].filter((one) => one.kept).map(({ key, path, body, label }) => ({ key, path, body, label }));
  if (unsaid.length) sessionStorage.setItem(KEPT, JSON.stringify(unsaid));
  else sessionStorage.removeItem(KEPT);
  sending.dispatchEvent(new CustomEvent("change"));
};

/** What is on its way and not known to be taken; `unknown` after a first try without an answer. */
export const unsent = () => [...waiting.values()];

/** One try has failed, so that nobody knows whether it was taken. */
export const isUnknown = (key) => waiting.get(key)?.unknown ?? false;

const LATER = new Set([408, 425, 429]);

/** A door that is there but can promise nothing (503) and one that does not answer: both are asked again. */
const isToBeRepeated = (error) =>
  error instanceof AwayError || (error instanceof ProblemError && (error.status >= 500 || LATER.has(error.status)));

/** Resolves with the door's answer however long that takes; rejects with what the door refuses. */
export async function say(path, body, label, { key = newKey(), kept = true } = {}) {
  const one = { key, path, body, label, kept, unknown: false, why: "" };
  waiting.set(key, one);
  tell();
  try {
    for (;;) {
      try {
        return await intake.post(path, body, { key, patience: PATIENCE_MS });
      } catch (error) {
        if (!isToBeRepeated(error)) throw error;
        one.unknown = true;
        one.why = error.message;
        tell();
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
    }
  } finally {
    waiting.delete(key);
    tell();
  }
}

/** What a reload interrupted goes out again, each under the key it had. */
export function resume(onRefused) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  for (const { key, path, body, label } of kept) say(path, body, label, { key }).catch((error) => onRefused(label, error));
}
