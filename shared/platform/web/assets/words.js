// The page's words: Chinese as written, English from the catalogue of the service that served the page.
const root = document.documentElement;
export const language = root.lang.startsWith("en") ? "en" : "zh";
const english = language === "en" ? (await import(`/assets/${root.dataset.service}/words-en.js`)).default : {};

/** The text in the page's language, with `{name}` filled in. A text without English shows its Chinese. */
export function t(text, values = {}) {
  const words = english[text] ?? text;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
