// Where people sign in and out: whoever comes next sees nothing of the last one. What a desk could not send stays, since
// the next one at it sends it on (`desk/left.js`); it dies with the tab, so the page says that there is something.
import { h } from "/assets/dom.js";
import { forgetOthers } from "/assets/whose.js";
import { t } from "/assets/words.js";

const DESK = /^baoshi\.desk\.(unsent|aside|call)(\.|$)/;

/** A call that was taken stays in its tab too, with nothing to be lost. */
function isUnsent(name) {
  if (!DESK.test(name)) return false;
  const one = JSON.parse(sessionStorage.getItem(name));
  return Boolean(one.body || !one.report || one.edited?.length);
}

function warn() {
  const names = Array.from({ length: sessionStorage.length }, (_, n) => sessionStorage.key(n));
  if (!names.some(isUnsent)) return;
  const text = t("本页还有前台没有发出的报事或答复,关闭本页就会丢失:请登录后打开前台发出");
  document.querySelector(".session").prepend(h("p", { class: "notice alarm", role: "alert" }, text, " ", h("a", { href: "/desk" }, t("打开前台"))));
}

forgetOthers();
warn();
