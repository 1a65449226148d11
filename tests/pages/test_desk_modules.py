"""The desk's modules by themselves: a call is neither lost nor sent twice, and one estate's is not another's."""

from pathlib import Path

from tests.pages.desk_scripts import ASIDE, DESK
from tests.support.modules import run_module


def test_an_answer_after_the_report_went_out_counts_as_unsaid(tmp_path: Path) -> None:
    script = """
    const { begin, answer, bodyOf, taken, unsaid, ...now } = await calling();
    const counts = [unsaid()];
    begin("medical"); counts.push(unsaid());
    (await calling()).call.body = bodyOf(false);
    taken({ report_id: "r", accepted_at: "t", durable: "kafka", unread: [] }); counts.push(unsaid());
    answer(place, "3栋402"); counts.push(unsaid());
    done(counts);
    """
    assert run_module(tmp_path, DESK + script) == [0, 0, 0, 1]


def test_a_session_that_ends_while_a_call_is_sent_leaves_it_under_its_key(tmp_path: Path) -> None:
    script = """
    const { refusedAs } = await calling();
    const after = (error) => {
      const one = { key: "k", body: {} };
      refusedAs(one, error);
      return [one.key === "k", one.body !== null];
    };
    const errors = [{ status: 401 }, { status: 403, reason: "no-page-token" }, { status: 422, reason: "invalid" }];
    done(errors.map(after));
    """
    assert run_module(tmp_path, DESK + script) == [[True, True], [True, True], [False, False]]


def test_a_copy_of_a_tab_does_not_send_another_call_under_the_same_key(tmp_path: Path) -> None:
    script = """
    const call = { estate: "E1", category: "repair", key: "k" };
    const kept = (more) => sessionStorage.setItem("baoshi.desk.call.w1", JSON.stringify({ ...call, ...more }));
    const { restore } = await calling();
    kept({}); const typed = restore().key;
    kept({ body: { category: "repair" } }); const sent = restore().key;
    done([typed === "k", sent === "k"]);
    """
    assert run_module(tmp_path, DESK + script) == [False, True]


def test_a_door_that_has_too_much_to_do_is_asked_again(tmp_path: Path) -> None:
    script = """
    globalThis.setTimeout = (act) => setImmediate(act);
    const answers = [429, 408, 503];
    globalThis.fetch = async () =>
      answers.length ? Response.json({}, { status: answers.shift() }) : Response.json({ report_id: "r" });
    const { say } = await import("/assets/intake/desk/outbox.js");
    done(await say("/v1/reports", {}, "急救"));
    """
    assert run_module(tmp_path, DESK + script) == {"report_id": "r"}


def test_a_call_nobody_confirmed_is_set_aside_and_settles_under_its_key_without_touching_the_next(
    tmp_path: Path,
) -> None:
    script = """
    doors.repair = 422;
    const { begin, ...now } = await calling();
    const told = [];
    const hear = ({ detail: one }) => one && told.push([one.label, Boolean(one.answered)]);
    aside.asides.addEventListener("change", hear);
    const all = [call("medical", "k1"), call("repair", "k2")];
    const over = all.map((one) => deliver(one));
    await until(() => isUnknown("k1") && isUnknown("k2"));
    for (const one of all) aside.setAside(one);
    begin("medical");
    const before = kept().map((one) => one.call.key);
    away = false;
    await Promise.all(over);
    const next = (await calling()).call;
    const keys = [...new Set(posted.map(([, key]) => key))].sort();
    done([before, keys, told.map(([, is]) => is).sort(), told[0][0].endsWith(" 3栋"), next.report, next.category,
      kept().map((one) => [one.call.category, one.call.body, one.call.answers.place, one.error.detail])]);
    """
    assert run_module(tmp_path, DESK + ASIDE + script) == [
        ["k1", "k2"],
        ["k1", "k2"],
        [False, True],
        True,
        None,
        "medical",
        [["repair", None, "3栋", "no"]],
    ]


def test_a_reload_sends_what_was_set_aside_again_under_its_key_and_not_what_was_refused(tmp_path: Path) -> None:
    script = """
    away = false;
    const refused = { call: { ...call("repair", "k2"), body: null }, label: "报修", error: { detail: "no" } };
    const all = [{ call: call("medical", "k1"), label: "急救" }, refused];
    sessionStorage.setItem("baoshi.desk.aside.w1", JSON.stringify(all));
    aside.resumeAsides(deliver);
    await until(() => aside.settled().length === 2);
    done([posted, aside.settled().map((one) => one.answered?.report_id ?? one.error.detail), kept().length]);
    """
    assert run_module(tmp_path, DESK + ASIDE + script) == [[["medical", "k1"]], ["medical", "no"], 1]


def test_each_tab_stays_with_its_own_estate(tmp_path: Path) -> None:
    script = """
    sessionStorage.setItem("baoshi.desk.estate", "E2");
    localStorage.setItem("baoshi.desk.estate", "E1");
    const { estate } = await import("/assets/intake/desk/data.js");
    done(estate().estate);
    """
    assert run_module(tmp_path, DESK + script) == "E2"


def test_the_list_of_one_estate_is_not_taken_for_another_s(tmp_path: Path) -> None:
    script = """
    const line = { report_id: "r", class: { category: "repair" } };
    let there = true;
    globalThis.fetch = async () => {
      if (!there) throw new TypeError();
      return Response.json({ reports: [line] });
    };
    const reports = await import("/assets/intake/desk/reports.js");
    const { chooseEstate } = await import("/assets/intake/desk/data.js");
    await reports.load(); const before = reports.open.length;
    there = false; chooseEstate("E2"); await reports.load();
    done([before > 0, reports.open.length, reports.away]);
    """
    assert run_module(tmp_path, DESK + script) == [True, 0, True]


def test_who_rings_again_is_found_though_no_list_shows_name_or_number(tmp_path: Path) -> None:
    script = """
    const about = { place: "3栋", class: { category: "repair" } };
    const line = (id, phone, reporter) => ({ report_id: id, phone, reporter, ...about });
    const his = ["8000", "13800138000", "王先生"];
    const asked = [];
    globalThis.fetch = async (path) => {
      const rings = new URL(path, "http://r").searchParams.get("rings");
      if (rings !== null && path.includes("state=open")) asked.push(rings);
      const found = rings === null || his.includes(rings) ? [line("a", "*********00", "王**")] : [];
      const more = rings === null ? [line("b", "*********11", "李**")] : [];
      return Response.json({ reports: path.includes("state=filed") ? [] : [...found, ...more], next: null });
    };
    const { load, find, askWhoRings } = await import("/assets/intake/desk/reports.js");
    await load();
    const found = [];
    for (const text of ["8000", "138 0013 8000", "138-0013-8000", "3栋 王先生", "00", "8001", "b 8000", "() 1"]) {
      await askWhoRings(text);
      found.push(find(text).map((one) => one.report_id).join());
    }
    done([found, asked]);
    """
    found, asked = run_module(tmp_path, DESK + script)
    assert found == ["a", "a", "a", "a", "a", "", "", ""]
    assert asked == ["8000", "13800138000", "13800138000", "王先生", "8001", "8000", "()"]


def test_open_reports_are_read_to_the_last_page(tmp_path: Path) -> None:
    script = """
    const page = (id, next) => Response.json({ reports: [{ report_id: id, class: { category: "repair" } }], next });
    globalThis.fetch = async (path) => {
      if (path.includes("state=filed")) return Response.json({ reports: [], next: null });
      return path.includes("cursor=c1") ? page("old", null) : page("new", "c1");
    };
    const reports = await import("/assets/intake/desk/reports.js");
    await reports.load();
    done(reports.open.map((line) => line.report_id));
    """
    assert run_module(tmp_path, DESK + script) == ["new", "old"]


def test_what_is_said_of_a_case_that_nobody_looks_at_any_more_is_noted_all_the_same(tmp_path: Path) -> None:
    script = """
    globalThis.setTimeout = (act) => setImmediate(act);
    const side = { id: "s", step: "where_are_they", n: 1, state: "open", to: { role: "customer_assistant" } };
    const answers = [null, { tasks: [], story: [] }, { tasks: [side], story: [] }];
    globalThis.fetch = async () => {
      const { tasks, story } = answers.shift() ?? (() => { throw new TypeError(); })();
      return Response.json({ report_id: "r", row: { tasks }, story });
    };
    const { opened } = await import("/assets/intake/desk/again.js");
    done((await opened("r", 1, "e")).id);
    """
    assert run_module(tmp_path, DESK + script) == "s"


def test_a_note_that_the_case_refuses_is_said_to_be_refused(tmp_path: Path) -> None:
    script = """
    const no = { type: "reply.refused", refused: "e", told: { zh: "已结束", en: "Over" } };
    globalThis.fetch = async () => Response.json({ report_id: "r", row: { tasks: [] }, story: [no] });
    const { opened } = await import("/assets/intake/desk/again.js");
    done(await opened("r", 1, "e").catch((error) => error.message));
    """
    assert run_module(tmp_path, DESK + script) == "已结束"
