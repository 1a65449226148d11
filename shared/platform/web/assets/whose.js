// What a browser keeps is its signed-in reader's own. Another one's page and tasks are forgotten; what he has said and
// could not send waits under his name, and nobody else's page reads or sends it. A report that a desk holds is nobody's
// own: whoever sits there next sends it on (`desk/left.js`).
const { who = "" } = document.documentElement.dataset;
const LAST = "baoshi.who";
const TASKS = /^baoshi\.post\..*\.tasks$/;

/** The name under which something is kept for whoever is signed in. */
export const own = (name) => `${name}.${who}`;

/** The names under which this tab keeps the same for other readers, and for nobody. */
export function others(name) {
  const names = Array.from({ length: sessionStorage.length }, (_, n) => sessionStorage.key(n));
  return names.filter((one) => one !== own(name) && (one === name || one.startsWith(`${name}.`)));
}

/** To be called by every page that keeps itself, and by those on which people sign in and out. */
export async function forgetOthers() {
  try {
    if (localStorage.getItem(LAST) === who) return;
    const mine = `${own("baoshi.post")}.`;
    const names = Array.from({ length: localStorage.length }, (_, n) => localStorage.key(n));
    for (const name of names) if (TASKS.test(name) && !(who && name.startsWith(mine))) localStorage.removeItem(name);
    await forgetPages();
    localStorage.setItem(LAST, who);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

/** The page in hand is its reader's own already, if it has one. Without TLS there is no such store. */
async function forgetPages() {
  for (const name of (await globalThis.caches?.keys()) ?? []) {
    const cache = await caches.open(name);
    const pages = (await cache.keys()).filter(({ url }) => new URL(url).pathname === "/post" && !(who && url === location.href));
    await Promise.all(pages.map((page) => cache.delete(page, { ignoreVary: true })));
  }
}
