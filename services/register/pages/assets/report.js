// The report's page: the clocks tick, new entries are announced, and what is masked is shown once it is recorded.
import { register } from "/assets/api.js";
import { $, $$, announce, fill, h } from "/assets/dom.js";
import { follow } from "/assets/stream.js";
import { dayTime, duration, serverNow } from "/assets/times.js";
import { t } from "/assets/words.js";

const page = $("#report").dataset;
const path = `/v1/reports/${encodeURIComponent(page.report)}`;
const covered = new Map();

function within(value, names) {
  return names.split(".").reduce((inner, name) => inner?.[name], value);
}

function asText(value, element) {
  if (Array.isArray(value)) return value.map((one) => asText(one, element)).join(t("、"));
  if (value === true || value === false) return value ? t("是") : t("否");
  return value === null || value === undefined ? element.textContent : String(value);
}

/** Only texts that were masked are put in: names of codes and times stay as the page wrote them. */
function put(element, value) {
  if (typeof value === "boolean" || value === undefined || value === null) return;
  if (!element.textContent.includes("*")) return;
  covered.set(element, element.textContent);
  element.textContent = asText(value, element);
}

function uncover(report) {
  const story = new Map(report.story.map((entry) => [entry.event_id, entry]));
  const corrections = new Map((report.row.corrections ?? []).map((entry) => [entry.event_id, entry]));
  for (const element of $$("[data-row]")) put(element, report.row[element.dataset.row]);
  for (const element of $$("[data-event]")) {
    put(element, within(story.get(element.dataset.event), element.dataset.path));
  }
  for (const element of $$("[data-correction]")) {
    put(element, within(corrections.get(element.dataset.correction), element.dataset.path));
  }
}

function cover() {
  for (const [element, text] of covered) element.textContent = text;
  covered.clear();
  $("#revealed").hidden = true;
  $("#reveal").hidden = false;
}

function readyToReveal() {
  const form = $("#reveal");
  if (!form) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const refused = $("#reveal-refused");
    refused.hidden = true;
    try {
      uncover(await register.post(`${path}/reveals`, { reason: form.reason.value }));
      form.hidden = true;
      form.reset();
      $("#revealed").hidden = false;
      $("#cover").focus();
      looked((await register.get(`${path}/reveals`)).reveals);
      announce(t("已显示姓名和电话,已记录在案。"));
    } catch (problem) {
      refused.textContent = problem.message;
      refused.hidden = false;
    }
  });
  $("#cover").addEventListener("click", cover);
  // Nothing revealed is kept by the browser when one goes back to this page.
  addEventListener("pagehide", cover);
}

function looked(reveals) {
  $("#times-looked").textContent = reveals.length;
  fill($("#looked"), reveals.map((one) => h("li", {}, [dayTime(one.at, page.zone), one.name || one.by, one.why || t("办理中查看")].join(" · "))));
}

function tick() {
  for (const element of $$("[data-due]")) {
    const left = Date.parse(element.dataset.due) - serverNow();
    const label = element.dataset.label ?? (element.dataset.label = element.textContent);
    element.classList.toggle("alarm", left < 0);
    element.textContent = `${label} · ${left < 0 ? t("已超 {span}", { span: duration(left) }) : t("还有 {span}", { span: duration(left) })}`;
  }
}

function changed() {
  if (!$("#changed").hidden) return;
  $("#changed").hidden = false;
  announce(t("有新的进展。"));
}

follow(`/v1/stream?estate=${encodeURIComponent(page.estate)}&report=${encodeURIComponent(page.report)}`, {
  on: { report: (id) => id === page.report && changed() },
  onPulse: tick,
  onPaused: () => ($("#paused").hidden = false),
  onResumed: () => ($("#paused").hidden = true),
  onReset: changed,
  resting: true,
});
$("#renew").addEventListener("click", () => location.reload());
readyToReveal();
