"""What the pages' elements are built with, by itself."""

from pathlib import Path

from tests.support.modules import run_module


def test_two_things_said_at_once_are_both_heard_and_in_their_order(tmp_path: Path) -> None:
    script = """
    const timers = [];
    globalThis.setTimeout = (act, ms) => timers.push({ act, ms });
    const { announce } = await import("/assets/dom.js");
    Element.prototype.remove = function () { region.children.splice(region.children.indexOf(this), 1); };
    const region = $at("said-now");
    const said = () => region.children.map((line) => line.children[0]);
    const pass = (ms) => timers.filter((one) => one.ms <= ms).forEach((one) => one.act());
    announce("A", true);
    announce("B", true);
    pass(50);
    const heard = said();
    for (const one of timers.filter((one) => one.ms > 50)) one.act();
    done([heard, said()]);
    """
    assert run_module(tmp_path, script) == [["A", "B"], []]
