// Names of estates and posts, and who the reader is there.
import { language } from "/assets/words.js";
import { nameOf } from "/assets/names.js";
import { register } from "/assets/api.js";

const estates = new Map(), posts = new Map();

export async function loadEstates() {
  for (const estate of (await register.get("/v1/estates")).estates) estates.set(estate.estate, estate);
  return [...estates.values()];
}

export function rememberPosts(rosters) {
  for (const roster of rosters) for (const post of roster.posts) posts.set(`${roster.estate}/${post.post}`, post.zh);
}

export const codes = () => [...estates.keys()];

export function estateName(code) {
  return estates.get(code)?.[language] || estates.get(code)?.zh || code;
}

export function zoneOf(code) {
  return estates.get(code)?.time_zone ?? "Asia/Shanghai";
}

export function postName(estate, post) {
  return posts.get(`${estate}/${post}`) ?? post;
}

/** `护卫队员 · 东巡逻岗`; a person only by the post or role that is held. */
export function holderName(estate, to) {
  const role = nameOf("role", to.role);
  return to.post ? `${role} · ${postName(estate, to.post)}` : role;
}

/** Whether a task is the reader's own: to the person, or to a role that the reader holds at that estate. */
export function isMine(line) {
  const me = estates.get(line.estate);
  if (!me) return false;
  const mine = (to) => (me.person && to.person === me.person) || me.roles.includes(to.role);
  return line.tasks.some((task) => mine(task.to)) || (!line.tasks.length && me.roles.includes(line.owner));
}
