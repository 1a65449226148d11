// What the page knows without asking anybody: estates, and the procedure's questions, as intake rendered them.
import { nameOf } from "/assets/names.js";
import { language, t } from "/assets/words.js";

export const data = JSON.parse(document.getElementById("desk-data").textContent);
const KEPT = "baoshi.desk.estate";
const TABLES = { help: "help", grade: "grade", kind: "kind", urgency: "urgency", weather: "weather", form: "form", signs: "sign" };
// This tab's own first: two tabs for two estates each stay with theirs over a reload.
const before = sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT);
let current = data.estates.find((e) => e.estate === before) ?? data.estates[0];

export const estate = () => current;

export function chooseEstate(code) {
  current = data.estates.find((e) => e.estate === code) ?? current;
  for (const storage of [sessionStorage, localStorage]) storage.setItem(KEPT, current.estate);
}

/** The text of this page's language; a text that an estate wrote in Chinese only stays Chinese. */
export const words = (it) => (language === "en" ? it.en || it.zh : it.zh);

export const sheet = (category) => (current.sheets ?? data.sheets)[category];
const procedure = () => current.steps ?? data.steps;
export const stepOf = (category, step) => procedure().own[category]?.[step] ?? procedure().common[step];
export const always = () => procedure().always;
export const guardrail = (id) => words(procedure().guardrails[id] ?? { zh: id });
export const forbids = (id) => procedure().forbidding.includes(id);

/** The lane follows from class and kind (SOP S1). */
export const isEmergency = (category, kind) =>
  data.always_emergency.includes(category) || Boolean(kind && data.emergencies[category]?.includes(kind));

export const choiceName = (field, code) => {
  const own = TABLES[field] ? nameOf(TABLES[field], code) : code;
  return own === code ? nameOf("choice", code) : own;
};

/** Who speaks at this page: the role asked for where the caller holds it, else the role that takes calls. */
export function speaker(role) {
  const chosen = role && current.roles.includes(role) ? role : current.role;
  return { role: chosen, ...(current.person ? { person: current.person } : {}) };
}

export const postName = (id) => current.posts.find((p) => p.id === id)?.zh ?? id;
export const personName = (id) => current.people[id] ?? id;

/** `南门岗 · 蒋峰`, as the roster has them; the role's name where nobody holds it. */
export function who(to) {
  const parts = [to.post && postName(to.post), to.person && personName(to.person)].filter(Boolean);
  const role = nameOf("role", to.role);
  return parts.length ? `${role} · ${parts.join(" · ")}` : `${role}(${t("无人当班")})`;
}

export const categoryOf = (reportId) => reportId.split(".")[1];
export const laneOf = (reportId) => reportId.split(".")[0];

/** A step's order with the place and the kind filled in; an outline of neither is shown as dots. */
export function filled(text, { place, kind } = {}) {
  const values = { place: place || "…", kind: kind ? nameOf("kind", kind) : "…" };
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "…");
}

/** The building a place names, by the estate's own names: what makes two reports neighbours. */
export function buildingOf(place) {
  const text = (place ?? "").normalize("NFKC").replace(/\s/g, "");
  if (!text) return null;
  const building = current.buildings.find((b) => new RegExp(`(^|[^0-9])${escaped(b.zh)}`).test(text));
  const dashed = /^(\d{1,3}|[A-Z])-/.exec(text);
  const label = dashed && current.buildings.find((b) => b.zh.replace(/号楼|栋|幢|座|#/, "") === dashed[1]);
  return (building ?? label)?.id ?? current.places.find((p) => text.startsWith(p.zh))?.building ?? null;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
