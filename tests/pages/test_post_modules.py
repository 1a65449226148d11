"""The guard's page's modules by themselves: no answer is forgotten before somebody has decided about it."""

from pathlib import Path

from tests.support.modules import run_module

_QUEUE = """
globalThis.setTimeout = (act) => setImmediate(act);
let asked = 0, answer = () => null;
globalThis.fetch = async (path, { method }) => {
  if (method === "POST") return Response.json({ event_id: "e1" });
  asked += 1;
  const found = answer(asked);
  if (!found) throw new TypeError("nobody there");
  return found;
};
const { Queue } = await import("/assets/notify/post/queue.js");
const settled = (queue) => new Promise((over) => {
  const look = () => (queue.refused.length || !queue.of("t1").length ? over() : setImmediate(look));
  look();
});
"""


def test_a_refusal_that_comes_after_the_register_was_away_for_long_is_shown(tmp_path: Path) -> None:
    script = """
    answer = (n) => n < 20 ? null : n < 40 ? Response.json({}, { status: 404 })
      : Response.json({ status: "refused", words: { zh: "已撤回", en: "Withdrawn" } });
    const queue = new Queue(() => {}, async () => true);
    queue.add("/v1/tasks/t1/replies", { type: "acknowledge" }, { task: "t1", what: "明白" });
    await settled(queue);
    done(queue.refused.map((one) => one.why.zh));
    """
    assert run_module(tmp_path, _QUEUE + script) == ["已撤回"]


def test_an_answer_stays_until_the_tasks_were_loaded_after_it(tmp_path: Path) -> None:
    script = """
    answer = () => Response.json({ status: "taken" });
    const loads = [false, false, true], there = [];
    const queue = new Queue(() => {}, async () => (there.push(queue.of("t1").length), loads.shift()));
    queue.add("/v1/tasks/t1/replies", { type: "acknowledge" }, { task: "t1", what: "明白" });
    await settled(queue);
    done(there);
    """
    assert run_module(tmp_path, _QUEUE + script) == [1, 1, 1]


def test_an_answer_that_changes_nothing_is_forgotten_in_the_end(tmp_path: Path) -> None:
    script = """
    answer = () => Response.json({ status: "received" });
    const queue = new Queue(() => {}, async () => true);
    queue.add("/v1/tasks/t1/replies", { type: "acknowledge" }, { task: "t1", what: "明白" });
    await settled(queue);
    done([asked, localStorage.length]);
    """
    assert run_module(tmp_path, _QUEUE + script) == [6, 0]


def test_an_answer_made_after_the_device_slept_has_the_time_of_the_wall(tmp_path: Path) -> None:
    script = """
    const { setClock } = await import("/assets/times.js");
    const { keepClock } = await import("/assets/notify/post/kept.js");
    setClock("2026-03-01T00:00:00Z");
    keepClock(1);
    const now = Date.now();
    Date.now = () => now + 7_200_000;
    const entry = new Queue(() => {}, async () => true).add("/v1/reports", {});
    done(entry.body.occurred_at.slice(0, 16));
    """
    assert run_module(tmp_path, _QUEUE + script) == "2026-03-01T02:00"


def test_a_guard_in_real_need_during_a_drill_is_not_taken_for_part_of_it(tmp_path: Path) -> None:
    script = """
    Element.prototype.showModal = Element.prototype.close = () => {};
    const { needHelp } = await import("/assets/notify/post/urgent.js");
    const all = [];
    const pressed = (name) => all.find((one) => one.children.includes(name)).dispatchEvent(new Event("click"));
    document.createElement = () => (all.push(new Element()), all.at(-1));
    Element.prototype.value = "";
    const said = [];
    const acts = { reply: (task, body) => said.push(body.type), file: (body) => said.push(body.kind) };
    const task = { lane: "emergency", why: "own", drill: true, place: "3栋" };
    needHelp({ name: "东门" }, [task], acts);
    pressed("真的要支援,不是演习");
    pressed("演习中要支援");
    done(said);
    """
    assert run_module(tmp_path, _QUEUE + script) == ["danger", "need_help"]


def test_without_a_network_a_post_is_not_shown_another_post_s_page(tmp_path: Path) -> None:
    script = """
    globalThis.location = { origin: "http://h" };
    globalThis.self = globalThis;
    let fetched;
    globalThis.addEventListener = (name, act) => (name === "fetch" ? (fetched = act) : null);
    globalThis.fetch = async () => { throw new TypeError(); };
    const pages = ["http://h/post", "http://h/post?estate=E1&post=p1"].map((url) => ({ url }));
    const match = async ({ url }) => pages.find((page) => page.url === url)?.url ?? null;
    globalThis.caches = { open: async () => ({ match, keys: async () => pages }) };
    await import("/assets/notify/post/worker.js");
    const asked = (url) => new Promise((over) => {
      const request = { method: "GET", url, mode: "navigate" };
      fetched({ request, respondWith: (answer) => answer.then(over, () => over("none")) });
    });
    const wanted = ["/post?lang=en", "/post?estate=E1&post=p1&lang=en", "/post?estate=E1&post=p2"];
    done(await Promise.all(wanted.map((path) => asked("http://h" + path))));
    """
    assert run_module(tmp_path, script) == ["http://h/post", "http://h/post?estate=E1&post=p1", "none"]
