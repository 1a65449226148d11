// What this device keeps for its reader: answers not sent yet, the tasks last seen, who is on duty. A reload loses nothing.
import { serverNow, setClock } from "/assets/times.js";
import { own } from "/assets/whose.js";

let prefix = `${own("baoshi.post")}.`;
let works = true;

export function keepFor(estate, post) {
  prefix = `${own("baoshi.post")}.${estate}.${post}.`;
  const clock = read("clock");
  if (clock) setClock(new Date(clock.now + (Date.now() - clock.seen) * clock.speed).toISOString(), clock.speed);
}

/** False when this browser cannot keep anything: then nothing survives a reload. */
export const canKeep = () => works;

export function read(name) {
  try {
    return JSON.parse(localStorage.getItem(prefix + name));
  } catch {
    return null;
  }
}

export function write(name, value) {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    works = false;
  }
}

export function forget(name) {
  try {
    localStorage.removeItem(prefix + name);
  } catch {
    works = false;
  }
}

/** Everything whose name begins so, in the order of the names. */
export function all(beginning) {
  const names = [];
  try {
    for (let n = 0; n < localStorage.length; n += 1) {
      const name = localStorage.key(n);
      if (name?.startsWith(prefix + beginning)) names.push(name.slice(prefix.length));
    }
  } catch {
    works = false;
  }
  return names.sort().map((name) => read(name)).filter((value) => value !== null);
}

/** When it is now. While the device slept the page's clock stood still, and the one of the wall did not. */
export function madeAt() {
  const clock = read("clock");
  return Math.max(serverNow(), clock ? clock.now + (Date.now() - clock.seen) * clock.speed : -Infinity);
}

/** A pulse's clock, so that an answer made after a reload without network has the right time. */
export function keepClock(speed) {
  write("clock", { now: serverNow(), seen: Date.now(), speed: speed ?? read("clock")?.speed ?? 1 });
}
