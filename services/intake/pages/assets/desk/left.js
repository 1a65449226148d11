// What the one before at this desk left in this tab, under his mark. A report is nobody's own: what was ready to go is sent
// on under its key, what was only typed can be taken over. What he said himself, a reply or an amendment, only he sends.
import { announce } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { others } from "/assets/whose.js";
import { labelOf, resumeAsides } from "./aside.js";
import { callOf } from "./call.js";
import { data } from "./data.js";

const REPORTS = "/v1/reports";
export const lefts = new EventTarget();

/** One call, or a list; what cannot be read is nothing. */
function kept(name) {
  try {
    return [JSON.parse(sessionStorage.getItem(name)) ?? []].flat();
  } catch {
    return [];
  }
}

const keyOf = (one) => one.key ?? one.call?.key;
const isUnsaid = (call) => Boolean(call?.category) && (call.body || !call.report || call.edited?.length > 0);

/** Each thing with the name it is kept under; one that was being set aside may stand under two. */
function all() {
  const of = (what, read) => others(`baoshi.desk.${what}`).flatMap((name) => kept(name).map((one) => ({ name, key: keyOf(one), call: read(one) })));
  const calls = [...of("aside", (one) => one.call), ...of("call", (one) => one).filter(({ call }) => isUnsaid(call))];
  return [...of("unsent", (one) => (one.path === REPORTS && one.body ? callOf(one) : null)), ...calls];
}

const isOurs = ({ call }) => data.estates.some(({ estate }) => estate === call.estate);
const isFrozen = (one) => Boolean(one.call?.body) && isOurs(one);
const isTyped = (one) => Boolean(one.call) && !one.call.body && isOurs(one) && !data.gate_only;

/** Calls that were not sent, or not all of them: for whoever sits here now to take over. */
export const typed = () => all().filter(isTyped).map((one) => ({ ...one, label: labelOf(one.call) }));

/** How many things only he can send: what he said, and reports of an estate where this reader takes no calls. */
export function stranded() {
  const rest = all().filter((one) => !isFrozen(one) && !isTyped(one));
  const said = rest.filter((one) => !one.call).length;
  return { said, reports: rest.length - said };
}

export function forget({ name, key }) {
  const rest = kept(name).filter((one) => keyOf(one) !== key);
  if (rest.length) sessionStorage.setItem(name, JSON.stringify(rest));
  else sessionStorage.removeItem(name);
  lefts.dispatchEvent(new CustomEvent("change"));
}

/** This reader's calls that were set aside, and what the one before had ready to go: kept here before it is forgotten there. */
export function resumeAll(send) {
  const left = all().filter(isFrozen);
  const once = new Map(left.map(({ key, call }) => [key, call]));
  resumeAsides(send, [...once.values()]);
  left.forEach(forget);
  if (once.size) announce(t("前一位值班人没有发出的 {n} 宗报事正在发出", { n: once.size }), true);
}
