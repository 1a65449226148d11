"""What the one before at a desk could not send, by its modules: no report is lost, and none goes out twice."""

from pathlib import Path

from tests.pages.desk_scripts import ASIDE, DESK
from tests.support.modules import run_module

_LEFT = """
const body = (category, more) => ({ estate: "E1", category, place: "3栋", by: { person: "a" }, ...more });
const keep = (what, mark, it) => sessionStorage.setItem(`baoshi.desk.${what}.${mark}`, JSON.stringify(it));
const left = (what) => JSON.parse(sessionStorage.getItem(`baoshi.desk.${what}.w0`));
const typed = (more) => ({ estate: "E1", category: "repair", key: "t", answers: { place: "4栋" }, edited: [],
  body: null, report: null, ...more });
const refused = { call: typed({ key: "r" }), label: "报修", error: { detail: "no" } };
const amendment = { key: "m", path: "/v1/reports/r/amendments", body: { type: "place" }, label: "补报" };
const elsewhere = { key: "x", path: "/v1/reports", body: body("medical", { estate: "E9" }), label: "x" };
"""


def _run(folder: Path, script: str) -> object:
    return run_module(folder, DESK + ASIDE + _LEFT + script)


def test_what_the_one_before_had_ready_goes_out_once_under_its_key_and_what_he_said_himself_does_not(
    tmp_path: Path,
) -> None:
    script = """
    const gate = { key: "g", path: "/v1/reports", body: body("medical", { channel: "gate" }), label: "门岗" };
    keep("call", "w0", typed({ category: "medical", key: "c", body: body("medical") }));
    const set = (key, category) => ({ call: typed({ key, body: body(category) }) });
    keep("aside", "w0", [set("c", "medical"), set("d", "repair")]);
    keep("unsent", "w0", [gate, amendment, elsewhere]);
    const { resumeAll, stranded } = await import("/assets/intake/desk/left.js");
    resumeAll(deliver);
    const held = kept().map((one) => one.call.key).sort();
    await until(() => isUnknown("c") && isUnknown("d") && isUnknown("g"));
    away = false;
    await until(() => aside.settled().length === 3);
    const keys = [...new Set(posted.map(([, key]) => key))].sort();
    done([held, keys, aside.settled().every((one) => one.answered), kept(), left("call"), left("aside"),
      left("unsent").map((one) => one.key), stranded()]);
    """
    gone = ["c", "d", "g"]
    assert _run(tmp_path, script) == [gone, gone, True, [], None, None, ["m", "x"], {"said": 1, "reports": 1}]


def test_what_is_sent_on_says_who_took_the_call_to_the_letter(tmp_path: Path) -> None:
    """Under the same key nothing else may be said: the door would take it for another report, and refuse it."""
    script = """
    let sent = null;
    globalThis.fetch = async (_, request) => (sent = request.body, Response.json({ report_id: "r", unread: [] }));
    const said = body("medical", { reporter: "王先生", follows: "f", clock_from: "t" });
    keep("unsent", "w0", [{ key: "g", path: "/v1/reports", body: said, label: "门岗" }]);
    const { resumeAll } = await import("/assets/intake/desk/left.js");
    resumeAll(deliver);
    await until(() => aside.settled().length);
    done(sent === JSON.stringify(said));
    """
    assert _run(tmp_path, script) is True


def test_when_this_session_is_over_too_the_next_one_finds_it(tmp_path: Path) -> None:
    script = """
    away = false; doors.medical = 401;
    keep("call", "w0", typed({ category: "medical", key: "c", body: body("medical") }));
    const { resumeAll } = await import("/assets/intake/desk/left.js");
    resumeAll(deliver);
    await until(() => aside.settled().length);
    done([left("call"), kept().map(({ call }) => [call.key, call.body.category])]);
    """
    assert _run(tmp_path, script) == [None, [["c", "medical"]]]


def test_a_call_the_one_before_has_typed_is_shown_and_taken_over_under_a_key_of_its_own(tmp_path: Path) -> None:
    script = """
    keep("call", "w0", typed({ category: "medical" }));
    keep("aside", "w0", [refused]);
    keep("call", "w2", typed({ report: "R1", edited: ["place"] }));
    keep("call", "w3", typed({ report: "R2" }));
    const { forget, resumeAll, typed: shown, stranded } = await import("/assets/intake/desk/left.js");
    resumeAll(deliver);
    const before = shown();
    const { takeOver } = await calling();
    const medical = before.find(({ call }) => call.category === "medical");
    takeOver(medical.call); forget(medical);
    const own = JSON.parse(sessionStorage.getItem("baoshi.desk.call.w1"));
    done([posted, before.map(({ key, call }) => [key, call.report]), stranded(), left("call"), own.category,
      own.answers.place, own.key === "t", shown().length]);
    """
    shown = [["r", None], ["t", None], ["t", "R1"]]
    nothing = {"said": 0, "reports": 0}
    assert _run(tmp_path, script) == [[], shown, nothing, None, "medical", "4栋", False, 2]


def test_the_strip_says_it_with_a_button_for_each_call(tmp_path: Path) -> None:
    script = """
    globalThis.fetch = async () => Response.json({ ready: true });
    globalThis.setInterval = () => {};
    let lines = [];
    Element.prototype.replaceChildren = function (...more) { if (this === $at("#status")) lines = more; };
    keep("call", "w0", typed({ category: "medical" }));
    keep("unsent", "w0", [amendment]);
    const { watch, streamIs } = await import("/assets/intake/desk/status.js");
    const taken = [];
    watch({ open: () => {}, take: ({ call }) => taken.push(call.category) });
    streamIs(true);
    await until(() => lines.length === 2);
    const button = lines[0].children[2];
    button.dispatchEvent(new Event("click"));
    done([lines.map((line) => [line.children[0].replace(/:.*/, ""), line.children.length]), taken]);
    """
    call, said = "前一位值班人有一个来电没有发出", "1 条答复或补报是前一位值班人没有发出的,请其在本页登录后发送"
    assert _run(tmp_path, script) == [[[call, 3], [said, 1]], ["medical"]]
