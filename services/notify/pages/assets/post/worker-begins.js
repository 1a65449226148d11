// Keeps the page itself for when there is no network. Only where it is reached by https, or on this computer.

/** Without it answers are still kept as long as the page stays open. */
export function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  // The policy of pages takes no text for a script's address; this one is written here.
  const policy = globalThis.trustedTypes?.createPolicy("baoshi-worker", { createScriptURL: () => "/post/worker.js" });
  const address = policy ? policy.createScriptURL("") : "/post/worker.js";
  navigator.serviceWorker.register(address, { scope: "/post" }).catch(() => {});
}
