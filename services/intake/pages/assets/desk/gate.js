// An ambulance stands at the gate and there is no case: one key opens it, the rest is completed after (SOP S3.2).
import { announce, h } from "/assets/dom.js";
import { newKey } from "/assets/api.js";
import { t } from "/assets/words.js";
import { open, problemOf } from "./asking.js";
import { data, estate, speaker } from "./data.js";
import { drill, mayFileInDrill } from "./drill.js";
import { say } from "./outbox.js";

const KEPT = "baoshi.desk.gate";
let filing = false;

const gates = () => estate().posts.filter((p) => p.role === "gate_guard");
const remembered = () => gates().find((p) => p.id === localStorage.getItem(`${KEPT}.${estate().estate}`)) ?? (gates().length === 1 ? gates()[0] : null);

/** Where the ambulance stands, by the estate's name of the place where it has one: pagers know that one. */
const placeAt = (gate) => estate().places.find((p) => gate.zh.startsWith(p.zh))?.zh ?? gate.zh;

/** At a gate's own page the key alone files; at the desk one more key says that it was meant. */
export async function ambulanceIsHere() {
  if (filing) return null;
  const gate = data.gate_only && remembered() ? remembered() : await chosen();
  if (!gate || !(await mayFileInDrill("medical"))) return null;
  localStorage.setItem(`${KEPT}.${estate().estate}`, gate.id);
  filing = true;
  const spoken = speaker("gate_guard");
  const body = {
    estate: estate().estate, category: "medical", help: ["ambulance"], channel: "gate", place: placeAt(gate),
    text: t("120车已到{gate},没有个案", { gate: gate.zh }), by: spoken.role === "gate_guard" ? { ...spoken, post: gate.id } : spoken,
    ...(drill.on ? { drill: true } : {}),
  };
  try {
    const answered = await say("/v1/reports", body, t("门岗:120已到"), { key: newKey() });
    announce(t("已开个案"), true);
    return { ...answered, place: placeAt(gate) };
  } catch (error) {
    await open(t("门岗:120已到"), () => [problemOf(error)]);
    return null;
  } finally {
    filing = false;
  }
}

function chosen() {
  const first = remembered();
  return open(t("120车停在哪个门?马上开急救个案"), (close) => [
    h("div", { class: "choices column" }, gates().map((gate, n) =>
      h("button", { type: "button", class: gate === first || (!first && n === 0) ? "alarm big" : "big", autofocus: gate === first || (!first && n === 0), dataset: { gate: gate.id }, onclick: () => close(gate) }, gate.zh))),
    gates().length ? null : h("p", { class: "notice warn" }, t("本小区没有门岗")),
  ]);
}
