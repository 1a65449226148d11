// How often the tasks are asked for: seldom while the stream says what is new, often while it is silent.
const SILENT_LOOKS_MS = 3000;
const SELDOM = 10;

/** One question at a time: a network that swallows them must leave room for an answer that has to go out. */
export function keepLooking(load, isSilent) {
  let turns = 0, asking = false;
  setInterval(async () => {
    turns += 1;
    if (asking || !(isSilent() || turns % SELDOM === 0)) return;
    asking = true;
    try {
      await load();
    } finally {
      asking = false;
    }
  }, SILENT_LOOKS_MS);
}
