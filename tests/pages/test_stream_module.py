"""How pages follow a stream, by itself: neither a session that is over nor a page unseen wears anything out."""

from pathlib import Path

from tests.support.modules import run_module

_STREAM = """
let time = 0, looks = () => {};
performance.now = () => time;
globalThis.setInterval = (act) => (looks = act);
globalThis.clearInterval = () => {};
const opened = [];
globalThis.EventSource = class extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  constructor(address) { super(); opened.push(this); this.address = address; }
  close() { this.readyState = 2; }
  refuse() { this.readyState = 2; }
  tell(name, lastEventId) { this.dispatchEvent(Object.assign(new Event(name), { lastEventId, data: "{}" })); }
};
const open = () => opened.filter((one) => one.readyState !== 2).length;
const pass = (ms) => { for (const end = time + ms; time < end; ) { time += 500; looks(); } };
const hide = (hidden) => { document.hidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };
const { follow } = await import("/assets/stream.js");
"""


def test_a_session_that_is_over_is_not_asked_for_twice_a_second_for_ever(tmp_path: Path) -> None:
    script = """
    follow("/v1/stream");
    for (let n = 0; n < 240; n += 1) { opened.at(-1).refuse(); pass(500); }
    done([opened.length > 20, opened.length < 40]);
    """
    assert run_module(tmp_path, _STREAM + script) == [True, True]


def test_a_page_that_only_lies_there_gives_its_connection_back_and_goes_on_where_it_was(tmp_path: Path) -> None:
    script = """
    let resets = 0;
    follow("/v1/stream", { resting: true, on: { report: () => {} }, onReset: () => (resets += 1) });
    opened[0].tell("report", "a-7");
    const counts = [open()];
    hide(true); pass(60_000); counts.push(open());
    hide(false); counts.push(open());
    done({ counts, resets, address: opened.at(-1).address });
    """
    found = {"counts": [1, 0, 1], "resets": 0, "address": "/v1/stream?last_event_id=a-7"}
    assert run_module(tmp_path, _STREAM + script) == found


def test_a_page_that_must_ring_follows_unseen(tmp_path: Path) -> None:
    script = 'follow("/v1/board/stream"); hide(true); pass(1000); done(open());'
    assert run_module(tmp_path, _STREAM + script) == 1
