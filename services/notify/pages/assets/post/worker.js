// Keeps the page itself for when there is no network. `SHELL`, its files, stands above this when it is served.
const CACHE = "baoshi-post";
const PATIENCE_MS = 4000;

addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => Promise.all(SHELL.map((path) => cache.add(path).catch(() => null)))).then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const isPage = request.mode === "navigate" && url.pathname === "/post";
  if (isPage || url.pathname.startsWith("/assets/")) event.respondWith(freshElseKept(request, isPage));
});

/** The network first, so that nobody works with an old page while it answers. */
async function freshElseKept(request, isPage) {
  const cache = await caches.open(CACHE);
  // A module is asked for with an Origin, which what was fetched beforehand was not.
  const anyWay = { ignoreVary: true };
  // `patience.js` is a module, which this script cannot ask for.
  const ending = new AbortController();
  setTimeout(() => ending.abort(), PATIENCE_MS);
  try {
    const response = await fetch(request, { signal: ending.signal });
    if (response.ok && !response.redirected) cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = (await cache.match(request, anyWay)) ?? (isPage ? await likeIt(cache, request) : null);
    if (kept) return kept;
    throw error;
  }
}

/** The page in another language, and never another post's: its answers would be said in the wrong name. */
async function likeIt(cache, request) {
  const named = (address) => ["estate", "post"].map((name) => new URL(address).searchParams.get(name) ?? "").join(" ");
  const pages = await cache.keys(request, { ignoreVary: true, ignoreSearch: true });
  const same = pages.find((page) => named(page.url) === named(request.url));
  return same ? cache.match(same, { ignoreVary: true }) : null;
}
