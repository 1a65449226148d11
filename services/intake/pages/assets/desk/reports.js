// Open reports of the estate: for "where are they?", for linking by hand, for the hand-over.
import { register } from "/assets/api.js";
import { serverNow } from "/assets/times.js";
import { buildingOf, estate } from "./data.js";

export const lists = new EventTarget();
export let open = [], away = false;
let of = null;
const WAIT_MS = 400;
const MOST = 2000;
const LONGEST = 80;
const RECENT_MS = 2 * 3600 * 1000;
let timer = null, rings = new Map(), latest = 0;

/** Soon, and once for many events; a steady flow of them puts nothing off. */
export function soon() {
  timer ??= setTimeout(() => {
    timer = null;
    load();
  }, WAIT_MS);
}

export async function load() {
  const code = estate().estate;
  if (of !== code) open = [];
  of = code;
  try {
    const found = await unfinished(code);
    if (code !== estate().estate) return;
    open = found.sort((a, b) => (b.received_at ?? "").localeCompare(a.received_at ?? ""));
    away = false;
  } catch {
    if (code !== estate().estate) return;
    away = true;
  }
  lists.dispatchEvent(new CustomEvent("change"));
}

const unfinished = async (code, more) => (await Promise.all(["filed", "open"].map((state) => all(code, state, more)))).flat();

/** Page by page: the oldest open ones stand on the last page, and must be handed over like the rest. */
async function all(code, state, more = "") {
  const found = [];
  for (let from = ""; ; ) {
    const page = await register.get(`/v1/reports?estate=${code}&state=${state}&limit=200${more}${from}`);
    found.push(...page.reports);
    if (!page.next || found.length >= MOST) return found;
    from = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

const plain = (text) => (text ?? "").normalize("NFKC").toLowerCase().replace(/\s/g, "");
const digits = (text) => (text ?? "").replace(/\D/g, "");

/** A number that was typed with spaces is one word; where that finds nothing it was two numbers. */
function readingsOf(text) {
  const words = text.split(/\s+/).filter(Boolean).map(plain);
  const all = words.join("");
  return /^\+?\d{7,}$/.test(all) && words.length > 1 ? [[all], words] : [words];
}

/** What may be a phone or a name, as the register is asked for it: it knows both, and no list shows either. */
function asked(word) {
  if (/\d/.test(word)) return /^[\d+()-]+$/.test(word) && digits(word).length >= 4 ? digits(word) : null;
  return word.length > 1 ? word.slice(0, LONGEST) : null;
}

/** Asks which of them are of whoever rings again; `find` knows it then. False when not all of it was answered. */
export async function askWhoRings(text) {
  const code = estate().estate, mine = (latest += 1), known = new Map();
  try {
    for (const words of readingsOf(text)) {
      await Promise.all(words.filter(asked).map(async (word) => known.set(word, await ringing(code, asked(word)))));
      if (matching(words, known).length) break;
    }
    return true;
  } catch {
    return false;
  } finally {
    if (mine === latest && code === estate().estate) rings = known;
  }
}

/** Open reports only, as the list has them: of closed ones a common name may have any number. */
async function ringing(code, word) {
  const found = await unfinished(code, `&rings=${encodeURIComponent(word)}`);
  return new Set(found.map((line) => line.report_id));
}

/** By place, number, what was said, or who rings: all of the words asked for. The last two digits stand in the list. */
export const find = (text) => readingsOf(text).map((words) => matching(words, rings)).find((lines) => lines.length) ?? [];

function matching(wanted, known) {
  if (!wanted.length) return [];
  return open.filter((line) => {
    const all = plain([line.no, line.place, line.room, line.reporter, line.content].join(" "));
    return wanted.every((word) => all.includes(word) || known.get(word)?.has(line.report_id) || (/^\d{2}$/.test(word) && digits(line.phone).endsWith(word)));
  });
}

/** What may be the same event: of the last two hours, the same class or near, those first that may be linked. Only a person links them. */
export function alike({ category, lane, place, id }) {
  const building = buildingOf(place);
  const recent = serverNow() - RECENT_MS;
  const near = (line) => Boolean(place) && (plain(line.place) === plain(place) || (building && buildingOf(line.place) === building));
  return open
    .filter((line) => line.report_id !== id && !line.drill && Date.parse(line.received_at) >= recent)
    .filter((line) => line.class.category === category || near(line))
    .map((line) => ({ line, near: Boolean(near(line)), linkable: line.class.category === category && line.class.lane === lane }))
    .sort((a, b) => Number(b.linkable) - Number(a.linkable) || Number(b.near) - Number(a.near))
    .slice(0, 5);
}
