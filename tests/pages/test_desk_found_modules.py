"""Who rings again is found by the desk's modules: among all that is open, however typed, and asked for once."""

from pathlib import Path

from tests.pages.desk_scripts import DESK
from tests.support.modules import run_module

_REGISTER = """
const line = (id, more) => ({ report_id: id, place: "3栋", class: { category: "repair" }, ...more });
let listed = [line("a"), line("b")], rung = {}, asked = [], broken = false;
globalThis.fetch = async (path) => {
  const query = new URL(path, "http://r").searchParams;
  const word = query.get("rings");
  if (word !== null) asked.push([query.get("state"), word, query.get("cursor")]);
  if (word !== null && broken) throw new TypeError();
  if (query.get("state") !== "open") return Response.json({ reports: [], next: null });
  if (word === null) return Response.json({ reports: listed, next: null });
  const pages = rung[word] ?? [[]];
  const page = Number(query.get("cursor") ?? 0);
  return Response.json({ reports: pages[page], next: page + 1 < pages.length ? String(page + 1) : null });
};
const reports = await import("/assets/intake/desk/reports.js");
await reports.load();
const found = (text) => reports.find(text).map((one) => one.report_id).join();
"""


def test_only_open_reports_are_asked_for_and_to_the_last_page(tmp_path: Path) -> None:
    script = """
    rung = { "王先生": [[line("x")], [line("b")]] };
    await reports.askWhoRings("王先生");
    done([found("王先生"), asked.map(([state, , page]) => `${state} ${page}`).sort()]);
    """
    assert run_module(tmp_path, DESK + _REGISTER + script) == ["b", ["filed null", "open 1", "open null"]]


def test_two_numbers_typed_apart_are_two_where_they_are_not_one(tmp_path: Path) -> None:
    script = """
    listed = [line("a", { no: "B-0012" }), line("b")];
    await reports.load();
    rung = { "2034": [[line("a")]], "13800138000": [[line("b")]] };
    const all = [];
    for (const text of ["0012 2034", "138 0013 8000", "0012 2035"]) {
      await reports.askWhoRings(text);
      all.push(found(text));
    }
    const open = asked.filter(([state]) => state === "open").map(([, word]) => word);
    done([all, open]);
    """
    words = ["00122034", "0012", "2034", "13800138000", "00122035", "0012", "2035"]
    assert run_module(tmp_path, DESK + _REGISTER + script) == [["a", "b", ""], words]


def test_a_change_of_the_lists_draws_what_is_known_and_asks_only_for_what_was_not_answered(tmp_path: Path) -> None:
    script = """
    document.querySelector = (selector) => $at(selector);
    let drawn = 0;
    Element.prototype.replaceChildren = function () { if (this === $at("#found")) drawn += 1; };
    globalThis.setTimeout = (act, _, ...more) => setImmediate(act, ...more);
    globalThis.clearTimeout = clearImmediate;
    const turn = () => new Promise((over) => setImmediate(over));
    const settled = async () => { for (let n = 0; n < 30; n += 1) await turn(); };
    const { showBeside, clearFound } = await import("/assets/intake/desk/beside.js");
    const { chooseEstate } = await import("/assets/intake/desk/data.js");
    showBeside({});
    const input = $at("#find");
    const counts = [];
    const after = async (act) => {
      await act();
      await settled();
      counts.push([asked.length, drawn > 0]);
      asked = []; drawn = 0;
    };
    const change = () => reports.lists.dispatchEvent(new Event("change"));
    await after(() => { input.value = "王先生"; input.dispatchEvent(new Event("input")); });
    await after(() => { for (let n = 0; n < 5; n += 1) change(); });
    await after(() => { chooseEstate("E2"); return reports.load(); });
    broken = true;
    await after(() => { input.value = "李先生"; input.dispatchEvent(new Event("input")); });
    broken = false;
    await after(change);
    await after(change);
    await after(() => { clearFound(); change(); });
    done(counts);
    """
    asks, draws = [2, True], [0, True]
    assert run_module(tmp_path, DESK + _REGISTER + script) == [asks, draws, asks, asks, asks, draws, draws]
