// Who was told of a case, by what, and whether they answered: read off the register's row and story, pure.
import { nameOf } from "/assets/names.js";
import { language, t } from "/assets/words.js";

const DONE = { started: () => t("已出发"), arrived: () => t("已到达"), acknowledged: () => t("已明白") };

/** Each task with its words, its last word from every device, and its state; the newest last. */
export function told(report) {
  const assigned = new Map(of(report, "task.assigned").map((e) => [e.task_id, e]));
  return (report.row.tasks ?? []).map((task) => ({
    ...task,
    words: wordsOf(assigned.get(task.id)),
    guard: assigned.get(task.id)?.guard ?? [],
    outcomes: assigned.get(task.id)?.outcomes ?? [],
    drill: assigned.get(task.id)?.drill ?? false,
    devices: devices(report, task.id),
    rung: rungOf(report, task.id),
  }));
}

export const wordsOf = (event) => event?.words?.[language === "en" ? "en" : "zh"] ?? "";
const of = (report, type) => report.story.filter((e) => e.type === type);

/** The last that is known of each device that was tried for the task. */
function devices(report, taskId) {
  const last = new Map();
  for (const event of report.story) {
    if (event.task_id !== taskId || !event.type.startsWith("delivery.")) continue;
    last.set(event.device ?? "", { device: event.device, channel: event.channel, what: event.type.split(".")[1], at: event.at, reason: event.reason });
  }
  return [...last.values()];
}

/** The highest rung that was asked because nobody answered. */
function rungOf(report, taskId) {
  const rungs = (report.row.rungs ?? []).filter((r) => r.task_id === taskId && !r.skipped);
  return rungs.length ? rungs[rungs.length - 1].role : null;
}

/** `{kind, text, at}`: `silent` is the loud one, `waiting` counts, `answered` and `over` are calm. */
export function stateOf(task, now) {
  if (task.state !== "open") return { kind: "over", text: task.state === "withdrawn" ? t("已撤回") : nameOf("outcome", task.outcome), at: task.ended_at };
  for (const what of ["arrived", "started", "acknowledged"]) {
    if (task[`${what}_at`] && !(what === "acknowledged" && task.ack_by)) return { kind: "answered", text: DONE[what](), at: task[`${what}_at`] };
  }
  if (task.ack_by) return Date.parse(task.ack_by) <= now ? { kind: "silent", text: t("无人回应"), at: task.sent_at } : { kind: "waiting", text: t("等待回应"), at: task.sent_at };
  return task.finish_by && Date.parse(task.finish_by) <= now ? { kind: "silent", text: t("超时未办"), at: task.finish_by } : { kind: "answered", text: t("办理中"), at: task.sent_at };
}

/** Notices that ask nothing: who was only told. */
export const notices = (report) =>
  of(report, "notice.issued").filter((e) => !e.task_id).map((e) => ({ to: e.to, words: wordsOf(e), at: e.at }));

/** What could not be taken by the case, with the reason in the page's language. */
export const refused = (report) =>
  of(report, "reply.refused").map((e) => ({ at: e.at, refused: e.refused, why: e.told[language === "en" ? "en" : "zh"] }));

/** For "where are they?": whoever goes or stays with the resident, since when. */
export const underWay = (report) =>
  told(report).filter((task) => task.state === "open" && !task.only_ack && !["customer_assistant", "control_room"].includes(task.to.role));
