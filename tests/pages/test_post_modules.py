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


_DOOR = """
globalThis.setTimeout = (act) => setImmediate(act);
const posted = [], doors = [];
let asked = 0;
globalThis.fetch = async (path, { method, body, headers }) => {
  if (method !== "POST") {
    asked += 1;
    return Response.json({ status: asked < 20 ? "received" : "refused", words: { zh: "已结束", en: "Over" } });
  }
  posted.push({ path, key: headers["idempotency-key"], ...JSON.parse(body) });
  const status = doors.map((door) => door(path)).find(Boolean) ?? 200;
  return Response.json({ event_id: "e1" }, { status });
};
const { Queue } = await import("/assets/notify/post/queue.js");
const otherwise = { path: "/v1/reports", body: { kind: "danger" }, what: "要支援" };
const until = (is) => new Promise((over) => { const look = () => (is() ? over() : setImmediate(look)); look(); });
"""


def test_a_call_for_help_that_its_case_refuses_becomes_an_emergency_of_its_own_once(tmp_path: Path) -> None:
    """Refused by the case, later; or by the door, at once: each is filed under one key however often it is sent."""
    script = """
    let away = 2;
    doors.push((path) => path === "/v1/reports" && away-- > 0 ? 503 : path.includes("/t2/") ? 404 : 0);
    const queue = new Queue(() => {}, async () => true);
    const more = { urgent: true, otherwise };
    const help = (task) => queue.add(`/v1/tasks/${task}/replies`, { type: "need_help" }, { task, ...more });
    const at = [help("t1"), help("t2")].map((one) => one.body.occurred_at);
    const filed = () => posted.filter((one) => one.path === "/v1/reports");
    await until(() => new Set(filed().map((one) => one.key)).size === 2 && !queue.waiting.length);
    const keys = new Set(posted.map((one) => one.key));
    const isWhole = (one) => one.kind === "danger" && at.includes(one.occurred_at);
    done([keys.size, filed().every(isWhole), filed().length]);
    """
    assert run_module(tmp_path, _DOOR + script) == [4, True, 4]


def test_what_the_door_cannot_take_of_one_task_holds_up_no_other(tmp_path: Path) -> None:
    """Its own task's later answer waits behind it; a call for help, even on that task, waits behind nothing."""
    script = """
    let first = true;
    doors.push((path) => path.includes("/t1/") && first ? 500 : 0);
    const queue = new Queue(() => {}, async () => true);
    const say = (task, type, more) => queue.add(`/v1/tasks/${task}/replies`, { type }, { task, ...more });
    say("t1", "acknowledge"); say("t1", "start"); say("t2", "acknowledge");
    say("t1", "need_help", { urgent: true, otherwise });
    await until(() => posted.some((one) => one.path.includes("/t2/")));
    const before = posted.map((one) => one.type);
    first = false;
    await until(() => !queue.waiting.length);
    const own = posted.slice(before.length).map((one) => one.type).filter((type) => type && type !== "need_help");
    done([before, own.slice(-2), queue.trouble]);
    """
    assert run_module(tmp_path, _DOOR + script) == [
        ["acknowledge", "need_help", "acknowledge"],
        ["acknowledge", "start"],
        "",
    ]


def test_help_for_a_task_that_is_no_longer_in_the_list_is_filed_and_a_drill_s_stays_a_drill(tmp_path: Path) -> None:
    script = """
    Element.prototype.showModal = Element.prototype.close = () => {};
    const { needHelp } = await import("/assets/notify/post/urgent.js");
    const all = [], said = [];
    document.createElement = () => (all.push(new Element()), all.at(-1));
    Element.prototype.value = "";
    const reply = (task, body, person, { otherwise }) => said.push([body.type, otherwise.body.kind]);
    const file = (body) => said.push([body.kind, body.drill ?? false]);
    const press = (drill, isOpen, name) => {
      all.length = 0;
      needHelp({ name: "东门" }, [{ lane: "emergency", why: "own", drill }], { reply, file, isOpen: () => isOpen });
      all.find((one) => one.children.includes(name)).dispatchEvent(new Event("click"));
    };
    press(false, true, "马上要支援"); press(false, false, "马上要支援"); press(true, false, "演习中要支援");
    done(said);
    """
    assert run_module(tmp_path, script) == [["need_help", "danger"], ["danger", False], ["danger", True]]


def test_a_guard_in_real_need_during_a_drill_is_not_taken_for_part_of_it(tmp_path: Path) -> None:
    script = """
    Element.prototype.showModal = Element.prototype.close = () => {};
    const { needHelp } = await import("/assets/notify/post/urgent.js");
    const all = [];
    const pressed = (name) => all.find((one) => one.children.includes(name)).dispatchEvent(new Event("click"));
    document.createElement = () => (all.push(new Element()), all.at(-1));
    Element.prototype.value = "";
    const said = [];
    const reply = (task, body) => said.push(body.type), file = (body) => said.push(body.kind);
    const acts = { reply, file, isOpen: () => true };
    const task = { lane: "emergency", why: "own", drill: true, place: "3栋" };
    needHelp({ name: "东门" }, [task], acts);
    pressed("真的要支援,不是演习");
    pressed("演习中要支援");
    done(said);
    """
    assert run_module(tmp_path, _QUEUE + script) == ["danger", "need_help"]


def test_who_signed_in_with_an_account_of_his_own_takes_over_himself(tmp_path: Path) -> None:
    """On a post's own page one of its people is chosen."""
    script = """
    Element.prototype.showModal = Element.prototype.close = () => {};
    const { takeOver } = await import("/assets/notify/post/urgent.js");
    const all = [];
    document.createElement = () => (all.push(new Element()), all.at(-1));
    const people = [{ person: "guard-1", name: "甲" }, { person: "guard-2", name: "乙" }];
    const offered = (own) => {
      all.length = 0;
      takeOver({ people, own, words: () => "", time_zone: "Asia/Shanghai" }, [], { isHeld: () => true });
      return ["甲", "乙", "丙"].filter((name) => all.some((one) => one.children.includes(name)));
    };
    done([offered(""), offered(people[1]), offered({ person: "guard-9", name: "丙" })]);
    """
    assert run_module(tmp_path, script) == [["甲", "乙"], ["乙"], ["丙"]]


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


def test_while_the_stream_is_silent_the_tasks_are_asked_for_every_time_and_one_at_a_time(tmp_path: Path) -> None:
    script = """
    let turn, silent = false, loads = 0, answer = () => null;
    globalThis.setInterval = (act, ms) => (turn = { act, ms });
    const { keepLooking } = await import("/assets/notify/post/looking.js");
    keepLooking(() => (loads += 1, new Promise((over) => (answer = over))), () => silent);
    const turns = async (n) => {
      const before = loads;
      for (let i = 0; i < n; i += 1) { turn.act(); await null; }
      return loads - before;
    };
    const seldom = await turns(10);
    silent = true;
    const held = await turns(5);
    const free = [];
    for (let i = 0; i < 3; i += 1) { answer(); await new Promise(setImmediate); free.push(await turns(1)); }
    done([turn.ms, seldom, held, free]);
    """
    assert run_module(tmp_path, script) == [3000, 1, 0, [1, 1, 1]]


def test_nothing_is_drawn_under_a_finger_and_one_that_was_not_heard_to_leave_holds_it_for_a_while(
    tmp_path: Path,
) -> None:
    script = """
    const heard = {}, timers = new Map();
    let n = 0, drawn = 0;
    globalThis.addEventListener = (name, act) => (heard[name] = act);
    globalThis.setTimeout = (act, ms = 0) => (timers.set((n += 1), { act, ms }), n);
    globalThis.clearTimeout = (id) => timers.delete(id);
    const pass = () => { for (const [id, { act }] of [...timers]) { timers.delete(id); act(); } };
    const { drawnWhenFree } = await import("/assets/notify/post/redrawing.js");
    const draw = drawnWhenFree(() => (drawn += 1)), counts = [];
    draw(); counts.push(drawn);
    heard.pointerdown(); draw(); draw(); counts.push(drawn);
    heard.pointerup(); pass(); counts.push(drawn);
    heard.pointerdown(); draw(); const held = [...timers.values()][0].ms; pass(); counts.push(drawn);
    heard.pointerdown(); heard.pointercancel(); pass(); counts.push(drawn);
    done([counts, held]);
    """
    assert run_module(tmp_path, script) == [[1, 1, 2, 3, 3], 1500]
