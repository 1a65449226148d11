// Follows a stream of the register. A stream that pauses is said to pause: silence is never shown as calm.
import { register } from "/assets/api.js";
import { setClock } from "/assets/times.js";

const SILENT_MS = 4000;
const LOOK_MS = 500;
const LONGEST_PAUSE_MS = 4000;

/**
 * `on` holds what to do at each event by its name, given the data as text and the id; `onPulse`, `onPaused`,
 * `onResumed` and `onReset` (what was missed is not known any more: load everything again). The browser reconnects by
 * itself and names the last id it has; after a refusal we begin again, for the server's end may be a restart, and less
 * and less often, for it may be a session that is over.
 *
 * `resting`: nobody misses the stream while the page is not seen. A browser has six connections for one address over
 * HTTP/1.1, and pages that only lie there must not take them from the one that has to send an emergency.
 */
export function follow(path, { on = {}, onPulse, onPaused, onResumed, onReset, resting = false } = {}) {
  let source, last = "", paused = false, heard = performance.now(), ended = false, refusals = 0, next = 0;

  function hear(event) {
    heard = performance.now();
    refusals = 0;
    if (event?.lastEventId) last = event.lastEventId;
    if (paused) {
      paused = false;
      onResumed?.();
    }
  }

  function begin() {
    const mark = last ? `${path.includes("?") ? "&" : "?"}last_event_id=${encodeURIComponent(last)}` : "";
    source = new EventSource(register.address(path) + mark, { withCredentials: true });
    source.addEventListener("pulse", (event) => {
      hear(event);
      const pulse = JSON.parse(event.data);
      setClock(pulse.now, pulse.speed);
      onPulse?.(pulse);
    });
    source.addEventListener("reset", (event) => {
      hear(event);
      onReset?.();
    });
    for (const [name, act] of Object.entries(on)) {
      source.addEventListener(name, (event) => {
        hear(event);
        act(event.data, event.lastEventId);
      });
    }
  }

  const rests = () => resting && document.hidden;

  /** What was missed before the first mark is not known. */
  function seen() {
    source?.close();
    if (ended || rests()) return;
    heard = performance.now();
    if (!last) onReset?.();
    begin();
  }

  function again() {
    source.close();
    heard = performance.now() - SILENT_MS - 1;
    if (performance.now() < next) return;
    next = performance.now() + Math.min(LOOK_MS * 2 ** refusals, LONGEST_PAUSE_MS);
    refusals += 1;
    begin();
  }

  const looking = setInterval(() => {
    if (rests()) return;
    const silent = performance.now() - heard > SILENT_MS;
    if (silent && !paused) {
      paused = true;
      onPaused?.();
    }
    if (source.readyState === EventSource.CLOSED || (silent && performance.now() - heard > 3 * SILENT_MS)) {
      again();
    }
  }, LOOK_MS);

  if (resting) document.addEventListener("visibilitychange", seen);
  if (!rests()) begin();
  return () => {
    ended = true;
    clearInterval(looking);
    source?.close();
  };
}
