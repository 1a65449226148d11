// What is shown of all that is open. Kept in the address, so that a link or a wall shows the same.
import { h } from "/assets/dom.js";
import { codesOf, nameOf } from "/assets/names.js";
import { isOverdue } from "/assets/register/board-order.js";
import { estateName, isMine } from "/assets/register/board-places.js";

const NAMES = ["estate", "category", "lane", "mine", "overdue"];
export const chosen = {};

export function readFilters(form, estates, onChange) {
  const asked = new URLSearchParams(location.search);
  for (const name of NAMES) chosen[name] = asked.get(name) ?? "";
  if (!form) return;
  form.elements.estate.append(...estates.map(({ estate }) => h("option", { value: estate }, estateName(estate))));
  form.elements.category.append(...codesOf("category").map((code) => h("option", { value: code }, nameOf("category", code))));
  form.elements.lane.append(...codesOf("lane").map((code) => h("option", { value: code }, nameOf("lane", code))));
  for (const name of NAMES) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = chosen[name] === "1";
    else field.value = chosen[name];
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (!NAMES.includes(field.name)) return;
    chosen[field.name] = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
    keep();
    onChange();
  });
}

function keep() {
  const address = new URL(location.href);
  for (const name of NAMES) {
    if (chosen[name]) address.searchParams.set(name, chosen[name]);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
}

export function isWanted(line, now) {
  return (
    (!chosen.estate || line.estate === chosen.estate) &&
    (!chosen.category || line.category === chosen.category) &&
    (!chosen.lane || line.lane === chosen.lane) &&
    (!chosen.mine || isMine(line)) &&
    (!chosen.overdue || isOverdue(line, now))
  );
}
