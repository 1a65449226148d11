// Words of answers, and who speaks.
import { t } from "/assets/words.js";

export const ANSWERS = {
  acknowledge: () => t("明白"),
  start: () => t("出发"),
  arrive: () => t("到达"),
  complete: () => t("完成"),
  decline: () => t("不能"),
  hand_on: () => t("转交"),
  need_help: () => t("要支援"),
};

export const NOW = {
  acknowledge: () => t("收到任务,按一下"),
  start: () => t("出门时按"),
  arrive: () => t("到了就按"),
  complete: () => t("办完就按"),
};

export const said = (words) => (document.documentElement.lang.startsWith("en") ? words.en : words.zh);
export const labelOf = (row) => (document.documentElement.lang.startsWith("en") ? row.en || row.zh : row.zh);
