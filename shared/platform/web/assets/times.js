// Times as people read them, by the installation's clock and not the computer's.
import { language, t } from "/assets/words.js";

const clock = { at: Date.now(), seen: performance.now(), speed: 1 };

/** The installation's clock, from a pulse of the stream; a demo's runs faster than real time. */
export function setClock(iso, speed = 1) {
  clock.at = Date.parse(iso);
  clock.seen = performance.now();
  clock.speed = speed;
}

export function serverNow() {
  return clock.at + (performance.now() - clock.seen) * clock.speed;
}

/** A span in two units at most, without a sign. */
export function duration(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  if (seconds < 60) return t("{n} 秒", { n: seconds });
  if (seconds < 600) return t("{m} 分 {s} 秒", { m: Math.floor(seconds / 60), s: seconds % 60 });
  if (seconds < 3600) return t("{n} 分", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("{h} 小时 {m} 分", { h: Math.floor(seconds / 3600), m: Math.floor((seconds % 3600) / 60) });
  return t("{d} 天 {h} 小时", { d: Math.floor(seconds / 86400), h: Math.floor((seconds % 86400) / 3600) });
}

const locale = language === "en" ? "en-GB" : "zh-CN";
const formats = new Map();

function format(zone, options) {
  const name = JSON.stringify([zone, options]);
  if (!formats.has(name)) {
    formats.set(name, new Intl.DateTimeFormat(locale, { hour12: false, timeZone: zone, ...options }));
  }
  return formats.get(name);
}

const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DAY = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };

/** `19:04:05` where the estate is. */
export function clockTime(iso, zone = "Asia/Shanghai") {
  return iso ? format(zone, TIME).format(new Date(iso)) : "";
}

/** Day and time where the estate is. */
export function dayTime(iso, zone = "Asia/Shanghai") {
  return iso ? format(zone, DAY).format(new Date(iso)) : "";
}

const FIELD = {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
};

/** `2026-03-01T19:04:05` where the estate is, as a field for date and time takes it; empty for what is no time. */
export function fieldTime(at, zone = "Asia/Shanghai") {
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) return "";
  const found = new Intl.DateTimeFormat("en-GB", { ...FIELD, timeZone: zone }).formatToParts(instant);
  const part = Object.fromEntries(found.map(({ type, value }) => [type, value]));
  return `${part.year.padStart(4, "0")}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}`;
}

/** The instant, in milliseconds, at which the clock there shows what a field holds; NaN for what is no time. */
export function timeOfField(text, zone = "Asia/Shanghai") {
  const shown = Date.parse(`${text}Z`);
  const ahead = (at) => Date.parse(`${fieldTime(at, zone)}Z`) - Math.floor(at / 1000) * 1000;
  // Looked at twice: between the two the clocks there may have been changed.
  return shown - ahead(shown - ahead(shown));
}

/** The same as it is sent; empty for what is no time. */
export function sentTime(text, zone) {
  const at = timeOfField(text, zone);
  return Number.isFinite(at) ? new Date(at).toISOString() : "";
}

/** Years of four digits, as times are sent. */
export const LAST_TIME = "9999-12-31T23:59:59";
