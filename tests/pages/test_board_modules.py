"""The board's modules by themselves: nothing loud is lost, and no older word counts more than a newer."""

from pathlib import Path

from tests.support.modules import run_module

_LINES = 'const { Lines } = await import("/assets/register/board-lines.js"); const lines = new Lines();\n'
_LINE = "const line = (id, v = 1) => ({ report_id: id, v });\n"


def test_a_board_that_was_asked_for_earlier_and_comes_later_takes_nothing_away(tmp_path: Path) -> None:
    script = """
    const first = lines.asked(), second = lines.asked();
    const taken = [lines.load([line("a"), line("b")], second), lines.load([line("a")], first)];
    done({ taken, shown: lines.all().map((one) => one.report_id) });
    """
    assert run_module(tmp_path, _LINES + _LINE + script) == {"taken": [True, False], "shown": ["a", "b"]}


def test_what_the_stream_told_while_a_board_was_on_its_way_stays(tmp_path: Path) -> None:
    script = """
    const turn = lines.asked();
    lines.apply(line("b"));
    lines.load([line("a")], turn);
    const between = lines.all().map((one) => one.report_id).sort();
    lines.load([line("a")], lines.asked());
    done([between, lines.all().map((one) => one.report_id)]);
    """
    assert run_module(tmp_path, _LINES + _LINE + script) == [["a", "b"], ["a"]]


_ALARMS = """
const rung = [];
let time = 10_000, state = "running";
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
const node = () => ({ frequency: {}, gain, connect: (n) => n,
  start() { rung.push(time); }, stop() {} });
globalThis.AudioContext = class { get state() { return state; } currentTime = 0; async resume() {}
  createOscillator() { return node(); } createGain() { return node(); } };
performance.now = () => time;
const tones = () => rung.splice(0).length / 2;
const { arm } = await import("/assets/sound.js");
const { Alarms } = await import("/assets/register/board-alarms.js");
await arm();
const sign = $at("sign"), alarms = new Alarms(null, sign);
const fire = (id, drill = false) =>
  ({ report_id: id, drill, lane: "emergency", category: "disaster", tasks: [], unassigned: true });
"""


def test_an_emergency_right_after_another_alarm_rings_all_the_same(tmp_path: Path) -> None:
    script = """
    const heard = [];
    alarms.look([fire("a", true)], 0); heard.push(tones());
    time += 1000; alarms.look([fire("a", true), fire("b")], 0); heard.push(tones());
    time += 1500; alarms.look([fire("a", true), fire("b")], 0); heard.push(tones());
    time += 5000; alarms.look([fire("a", true), fire("b")], 0); heard.push(tones());
    done(heard);
    """
    assert run_module(tmp_path, _ALARMS + script) == [1, 0, 2, 0]


def test_an_emergency_rings_again_until_somebody_acknowledges_it_and_a_drill_does_not(tmp_path: Path) -> None:
    script = """
    const heard = [], given = (id, state) => ({ ...fire(id), unassigned: false, tasks: [{ state, clocks: [] }] });
    const waiting = [given("a", "waiting")], drill = [fire("b", true)];
    for (const lines of [waiting, waiting, [given("a", "acknowledged")], drill, drill]) {
      alarms.look(lines, 0); heard.push(tones());
      time += 21_000;
    }
    done(heard);
    """
    assert run_module(tmp_path, _ALARMS + script) == [2, 2, 0, 1, 0]


def test_a_drill_beside_a_real_one_does_not_make_it_quieter(tmp_path: Path) -> None:
    script = 'alarms.look([fire("a", true), fire("b")], 0); done(tones());'
    assert run_module(tmp_path, _ALARMS + script) == 2


def test_a_sound_that_the_computer_took_away_is_said_to_be_off(tmp_path: Path) -> None:
    script = """
    const said = [sign.textContent];
    state = "interrupted"; alarms.look([], 0); said.push(sign.textContent);
    done(said);
    """
    assert run_module(tmp_path, _ALARMS + script) == ["声音已开", "声音未开,点一下屏幕即开"]


def test_drills_are_counted_in_none_of_the_numbers_at_the_top(tmp_path: Path) -> None:
    script = """
    const { numbersOf } = await import("/assets/register/board-numbers.js");
    const { sorted } = await import("/assets/register/board-order.js");
    const waiting = { lane: "emergency", unassigned: true, tasks: [] };
    const line = (report_id, drill, more) => ({ report_id, drill, ...waiting, ...more });
    const late = { due_at: "2026-03-01T00:00:00Z" };
    const lines = [line("a", false), line("b", true), line("c", false, late), line("d", true, late)];
    done(numbersOf(sorted(lines, Date.parse("2026-03-01T01:00:00Z"))));
    """
    assert run_module(tmp_path, script) == {"unassigned": 1, "overdue": 1, "waiting": 2, "open": 2}


def test_a_step_of_a_replay_that_fails_leaves_time_and_cards_as_they_were_and_says_so(tmp_path: Path) -> None:
    script = """
    globalThis.setInterval = () => 0;
    document.querySelector = (selector) => $at(selector);
    const asked = [];
    globalThis.fetch = (path) => new Promise((answer, fail) => asked.push({ path, answer, fail }));
    const { Replay } = await import("/assets/register/board-replay.js");
    const banner = $at("past"), slider = $at("#r-slider"), told = [];
    const replay = new Replay(banner, () => {});
    const failed = () => banner.textContent.includes("没有读到");
    const look = () => told.push([replay.lines, replay.at && replay.at >= replay.start, failed(), slider.value]);
    const over = () => new Promise((done) => setTimeout(done, 20));
    const move = (seconds) => { slider.value = String(seconds); slider.dispatchEvent(new Event("input")); };
    replay.open();
    asked.pop().fail(new TypeError()); await over(); look();
    move(60); asked.pop().answer(Response.json({ lines: ["a"] })); await over(); look();
    const at = replay.at, said = banner.textContent;
    move(120); const same = [replay.at === at, banner.textContent === said];
    asked.pop().fail(new TypeError()); await over(); look();
    move(180); const older = asked.pop();
    move(240); asked.pop().answer(Response.json({ lines: ["b"] })); await over();
    older.fail(new TypeError()); await over(); look();
    done([told, same, banner.textContent.startsWith(said)]);
    """
    told, same, still = run_module(tmp_path, script)
    assert told == [
        [None, True, True, "0"],
        [["a"], True, False, "60"],
        [["a"], True, True, "60"],
        [["b"], True, False, "240"],
    ]
    assert same == [True, True] and not still


def test_news_that_changes_no_word_of_a_card_leaves_it_as_it_is_and_all_else_is_drawn(tmp_path: Path) -> None:
    script = """
    const { Card } = await import("/assets/register/board-card.js");
    const card = new Card();
    let built = 0;
    card.element.replaceChildren = () => (built += 1);
    const line = (v, state) => ({ report_id: "a", v, lane: "emergency", category: "medical", estate: "garden",
      tasks: [{ state, to: { role: "guard" }, clocks: [] }] });
    const told = [];
    const draw = (...given) => { card.draw(...given); told.push([built, card.element.dataset.v, card.line.v]); };
    draw(line(1, "waiting")); draw(line(2, "waiting")); draw(line(3, "arrived")); draw(line(3, "arrived"), true);
    done(told);
    """
    assert run_module(tmp_path, script) == [[1, 1, 1], [1, 2, 2], [2, 3, 3], [3, 3, 3]]
