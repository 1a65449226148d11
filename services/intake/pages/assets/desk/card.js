// The questions in Chinese and English side by side, big, for a caller who speaks the other language.
import { h } from "/assets/dom.js";
import table from "/assets/names-table.js";
import { t } from "/assets/words.js";
import { open } from "./asking.js";
import { call } from "./call.js";
import { sheet } from "./data.js";
import { partsOf } from "./form.js";

const PLURAL = { signs: "sign" };

export function bilingual() {
  const category = call.category ?? "medical";
  return open(t("双语卡"), () => [
    h("div", { class: "scroll" }, h("table", { class: "two-languages" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col", lang: "zh-CN" }, "中文"), h("th", { scope: "col", lang: "en" }, "English"))),
      h("tbody", {}, questions(category).map(row)))),
  ], { wide: true });
}

function questions(category) {
  const asked = sheet(category);
  const parts = call.category ? partsOf() : asked.first;
  return [...new Map([asked.where, asked.number, ...parts.flatMap((p) => p.questions), ...asked.rest].map((q) => [q.field, q])).values()];
}

const both = (field, code) => table[PLURAL[field] ?? field]?.[code] ?? table.choice[code] ?? [code, code];

function row(question) {
  const choices = (question.choices ?? []).map((code) => both(question.field, code));
  const side = (language, n) => h("td", { lang: language }, h("b", {}, question[n ? "en" : "zh"]), choices.length ? h("div", {}, choices.map((c) => c[n]).join(" / ")) : null);
  return h("tr", {}, side("zh-CN", 0), side("en", 1));
}
