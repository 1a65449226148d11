// Today's figures per class and estate, each with a line of its reports by hour: uPlot's canvas, shown as a picture, for
// a canvas in the page is a layer of its own to the browser, and dozens of them cost at every frame though nothing moves.
import uPlot from "/assets/register/vendor/uPlot.esm.js";
import { h, fill } from "/assets/dom.js";
import { t } from "/assets/words.js";
import { nameOf } from "/assets/names.js";
import { register } from "/assets/api.js";
import { chosen } from "/assets/register/board-filters.js";
import { estateName } from "/assets/register/board-places.js";

const AGAIN_MS = 15_000, WIDTH = 110, HEIGHT = 30;
const plots = new Map();
let lines = [];

export async function followToday(element, wall) {
  try {
    lines = (await register.get("/v1/board/today")).lines;
    drawToday(element, wall);
  } catch {
    fill(element, h("p", { class: "notice warn" }, t("今日数字读不到")));
  }
  setTimeout(() => followToday(element, wall), AGAIN_MS);
}

export function drawToday(element, wall) {
  const shown = lines.filter((line) => (!chosen.estate || line.estate === chosen.estate) && (!chosen.category || line.category === chosen.category));
  const classes = grouped(shown, (line) => line.category);
  const estates = grouped(shown, (line) => line.estate);
  const wanted = [[t("全部"), "all", shown], ...classes.map(([code, of]) => [nameOf("category", code), code, of])];
  if (!wall) wanted.push(...estates.map(([code, of]) => [estateName(code), `e/${code}`, of]));
  for (const key of plots.keys()) if (!wanted.some(([, k]) => k === key)) dispose(key);
  fill(element, h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("今日") }, h("table", { class: "today" },
    h("thead", {}, h("tr", {}, heading(t("今日")), [t("件数"), t("未结"), t("超时率"), t("转交")].map((name) => heading(name, "number")), heading(t("每小时")))),
    h("tbody", {}, wanted.map(([name, key, of]) => row(name, key, of))))));
}

const heading = (name, kind = null) => h("th", { scope: "col", class: kind }, name);

function grouped(all, by) {
  const found = new Map();
  for (const line of all) found.set(by(line), [...(found.get(by(line)) ?? []), line]);
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
}

function row(name, key, of) {
  const sum = (field) => of.reduce((total, line) => total + line[field], 0);
  const reports = sum("reports"), late = sum("overdue");
  return h("tr", {},
    h("th", { scope: "row" }, name),
    h("td", { class: "number" }, String(reports)),
    h("td", { class: "number" }, String(sum("open"))),
    h("td", { class: late ? "number late" : "number" }, reports ? `${Math.round((100 * late) / reports)}%` : "–"),
    h("td", { class: "number" }, String(sum("hand_ons"))),
    h("td", {}, spark(key, hours(of))));
}

function hours(of) {
  const longest = Math.max(1, ...of.map((line) => line.hours.length));
  return Array.from({ length: longest }, (_, hour) => of.reduce((total, line) => total + (line.hours[hour] ?? 0), 0));
}

/** Its figures are told to whoever does not see it. */
function spark(key, values) {
  const data = [values.map((_, hour) => hour), values];
  let drawn = plots.get(key);
  if (drawn) drawn.plot.setData(data);
  else plots.set(key, (drawn = make(data)));
  drawn.picture.alt = t("各小时:{values}", { values: values.join(" ") });
  return drawn.picture;
}

function make(data) {
  const picture = h("img", { class: "spark", width: WIDTH, height: HEIGHT });
  const colour = getComputedStyle(document.body).getPropertyValue("--accent").trim();
  const options = {
    width: WIDTH, height: HEIGHT, pxAlign: false, padding: [2, 2, 2, 2],
    cursor: { show: false }, select: { show: false }, legend: { show: false },
    scales: { x: { time: false, range: [0, 23] }, y: { range: (_, low, high) => [0, Math.max(1, high)] } },
    axes: [{ show: false }, { show: false }],
    series: [{}, { stroke: colour, fill: `${colour}44`, width: 2, points: { show: data[1].length < 2 } }],
    hooks: { draw: [(plot) => (picture.src = plot.ctx.canvas.toDataURL())] },
  };
  return { picture, plot: new uPlot(options, data, document.createElement("div")) };
}

function dispose(key) {
  plots.get(key).plot.destroy();
  plots.delete(key);
}
