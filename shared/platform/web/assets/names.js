// Names of classes, roles, kinds and the like in the page's language.
import table from "/assets/names-table.js";
import { language } from "/assets/words.js";

const place = language === "en" ? 1 : 0;

/** The name, or the code itself where the table does not know it. */
export function nameOf(kind, code) {
  return table[kind]?.[code]?.[place] ?? code ?? "";
}

export function codesOf(kind) {
  return Object.keys(table[kind] ?? {});
}
