// A drill: played like the real thing, in a colour that cannot be mistaken, and over when the page is closed.
import { $, announce } from "/assets/dom.js";
import { nameOf } from "/assets/names.js";
import { t } from "/assets/words.js";
import { confirm } from "./asking.js";
import { isEmergency } from "./data.js";

export const drill = { on: false };

export async function toggleDrill() {
  if (!drill.on && !(await confirm(t("开始演习"), t("演习中发出的报事都标为演习,不拨外面的电话。真急事请先结束演习。"), t("开始演习")))) return;
  show(!drill.on);
  announce(drill.on ? t("演习开始") : t("演习结束"), true);
}

function show(on) {
  drill.on = on;
  document.body.classList.toggle("drilling", on);
  $("#drill-banner").hidden = !on;
  $("#tool-drill").setAttribute("aria-pressed", String(on));
}

/** Whoever files an emergency in a drill says so once more: a real one filed as a drill calls no ambulance. */
export async function mayFileInDrill(category, kind) {
  if (!drill.on || !isEmergency(category, kind)) return true;
  const answered = await confirm(t("这是演习吗?"), t("现在是演习:{category}按演习发出,不拨120、119。真的急事请取消,按 D 结束演习。", { category: nameOf("category", category) }), t("是演习,发出"));
  return answered === true;
}
