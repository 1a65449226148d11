// Calls whose report nobody has confirmed yet, set aside for the next call. Each goes on being sent under its own key.
import { nameOf } from "/assets/names.js";
import { own } from "/assets/whose.js";

const KEPT = own("baoshi.desk.aside");
export const asides = new EventTarget();
let all = [];

/** What was taken is forgotten in this tab: it is about people. */
function tell(settledNow = null) {
  const kept = all.filter((one) => one.call);
  if (kept.length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
  else sessionStorage.removeItem(KEPT);
  asides.dispatchEvent(new CustomEvent("change", { detail: settledNow }));
}

export const labelOf = ({ category, body, answers }) => {
  const said = body ?? answers ?? {};
  return [nameOf("category", category), said.patient_place || said.place].filter(Boolean).join(" ");
};

/** Known to be taken (`answered`) or to be refused (`error`), and not opened yet. */
export const settled = () => all.filter((one) => one.answered || one.error);

const asideOf = (call) => ({ call, estate: call.estate, label: labelOf(call) });

export function setAside(call) {
  all.push(asideOf(call));
  tell();
}

/** False when the call is none that was set aside. */
export function settle(call, { answered = null, error = null }) {
  const one = all.find((other) => other.call === call);
  if (!one) return false;
  Object.assign(one, answered ? { answered, call: null } : { error });
  tell(one);
  return true;
}

export function opened(one) {
  all = all.filter((other) => other !== one);
  tell();
}

/** What a reload interrupted goes out again under its key; what was refused waits until somebody opens it. `left`: more calls. */
export function resumeAsides(send, left = []) {
  const kept = [...JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"), ...left.map(asideOf)];
  all = kept.map((one) => ({ ...one, error: one.call.body ? null : one.error }));
  for (const { call } of all) if (call.body) send(call);
  tell();
}
