"""What the loader refuses, each with its file and line, all at once."""

import re
import shutil
from pathlib import Path

import pytest

from shared.domain.playbooks.loading import PACKAGED, load_playbooks
from shared.domain.playbooks.mistakes import PlaybookMistake

FIXTURES = Path(__file__).parent / "playbooks"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The packaged playbooks without recorded digests, open to changes."""
    copy = tmp_path / "playbooks"
    shutil.copytree(PACKAGED, copy, ignore=shutil.ignore_patterns("digests.toml", "earlier"))
    return copy


def mistakes_of(folder: Path) -> list[str]:
    with pytest.raises(PlaybookMistake) as refused:
        load_playbooks(folder)
    assert str(refused.value).splitlines() == [str(m) for m in refused.value.mistakes]
    return [str(m) for m in refused.value.mistakes]


def change(path: Path, step: str, old: str, new: str) -> int:
    """Changes the first `old` behind the step's id, and says on which line."""
    text = path.read_text(encoding="utf-8")
    start = text.index(f'id = "{step}"') if step else 0
    place = text.index(old, start)
    path.write_text(text[:place] + new + text[place + len(old) :], encoding="utf-8")
    return text[:place].count("\n") + 1


LONG_ZH = "长" * 35
STEP_MISTAKES = [
    ("ask_help", 'role = "customer_assistant"', 'role = "doctor"', "role: unknown role 'doctor'"),
    ("ask_help", 'src = "S"', 'source = "S"', "source: unknown key"),
    ("ask_help", 'src = "S"', 'src = "hearsay"', "ask_help: src begins with S, F, G or own"),
    ("ask_help", '"S3.0"', '"T3"', "ask_help: clause T3 is none of the procedure's"),
    ("ask_help", "guard = [", 'guard = ["be_nice", ', "ask_help: unknown guardrail be_nice"),
    ("ask_help", "skip = {", 'skip = { outcome = "none",', "ask_help: the step has no outcome none"),
    ("ask_help", '["help"]', '["helps"]', "ask_help: a report has no field helps"),
    ("ask_help", 'type = "choice"', 'type = "colour"', "record.0.type: Input should be"),
    ("ask_help", 'en = "By whom"', 'en = ""', "ask_help: wished_by: words are missing"),
    ("ask_help", 'id = "grade"', 'id = "help"', "ask_help: duplicate field help"),
    (
        "ask_help",
        'type = "text"',
        'type = "choice"',
        "ask_help: wished_by: a choice, and nothing else, has choices",
    ),
    ("ask_help", "outcomes.nursing = {", 'outcomes.nursing = { opens = ["nap"],', "ask_help: unknown target nap"),
    ("ask_help", 'help = ["nursing"]', 'help = ["tea"]', "outcomes.nursing.help.0: Input should be"),
    (
        "ask_help",
        "outcomes.nursing = {",
        'outcomes.nursing = { kind = "fire",',
        "ask_help: medical has no kind fire",
    ),
    (
        "ask_help",
        "zh = ",
        f'zh = "{LONG_ZH}" #',
        "ask_help: zh: too long for a radio or a pager, 35 characters, at most 34",
    ),
    (
        "ask_help",
        "en = ",
        f'en = "{"x" * 71}" #',
        "ask_help: en: too long for a radio or a pager, 71 characters, at most 70",
    ),
    ("ask_help", "en = ", 'en = "Ask: café?" #', "ask_help: en: a pager takes printable ASCII only"),
    ("ask_help", "en = ", 'en = " " #', "ask_help: en: words are missing"),
    ("ask_help", "en = ", "#", "en: is missing"),
    ("ask_help", "zh = ", 'zh = "问{name}" #', "ask_help: zh: unknown placeholder {name}"),
    ("ask_help", '"20s"', '"20"', "limits.0.value"),
    ("ask_help", '"20s"', '"0s"', "ask_help: ack limit: a limit is longer than nothing"),
    ("ask_help", 'value = "60s"', 'value = "-60s"', "ask_help: finish limit: a limit is longer than nothing"),
    (
        "ask_help",
        '"20s"',
        '"20s", after = "report"',
        "ask_help: ack limit: an acknowledgement is counted from sending",
    ),
    ("ask_help", '"finish", value', '"finish", by = "lane", value', "`by` and one value for each of its words"),
    (
        "ask_help",
        'value = "60s"',
        'by = "lane", value = { night = "60s" }',
        "finish limit: by lane: night is none of",
    ),
    (
        "ask_help",
        'value = "60s"',
        'by = "field:mood", value = { good = "60s" }',
        "by: no step records a choice called mood",
    ),
    (
        "ask_help",
        'value = "60s"',
        'field = "bedtime"',
        "finish limit: field: no step records a time called bedtime",
    ),
    ("ask_help", 'value = "60s"', 'value = "60s", after = "step:nap"', "ask_help: unknown target nap"),
    ("ask_help", 'value = "60s"', 'value = "60s", carried = true', "needs either carried, or a value or a field"),
    ("ask_help", 'value = "60s"', 'value = "60s", at_most = "2h"', "finish limit: at_most goes with a field"),
    ("ask_help", 'value = "60s"', 'value = "10s"', "ask_help: impossible: acknowledged in 0:00:20"),
    ("place_two", 'value = "transport"', 'value = "taxi"', "place_two: unknown help 'taxi'"),
    ("place_two", 'event = "help"', 'event = "major"', "place_two: major takes no value"),
    ("stand_by", "count = 2", "count = 0", "stand_by: count is at least 1"),
    ("meet", '"passed_elsewhere"', '"elsewhere"', "meet: the step has no outcome elsewhere"),
    ("chase_120", 'outcome = "coming"', 'outcome = "late"', "chase_120: call_120 has no outcome late"),
    ("chase_120", '"15m"', '"0m"', "chase_120: a delay is longer than nothing"),
    ("chase_120", 'unless = ["meet"]', 'unless = ["met"]', "chase_120: unknown target met"),
    ("stay_with_patient", '"lead_in"', '"dawn"', "stay_with_patient: unknown target dawn"),
    ("tell_leader", 'opens = ["meet"]', 'opens = ["greet"]', "tell_leader: unknown target greet"),
    ("take_to_hospital", '"other_transport"', '"bicycle"', "take_to_hospital: unknown target bicycle"),
    (
        "take_to_hospital",
        '["stand_by"]',
        '["call_120"]',
        "take_to_hospital: needs: no outcome of call_120 leads here",
    ),
    ("other_transport", ", withdraws = true", "", "other_transport: withdraws and stand_down go together"),
    ("major_now", '[{ role = "service_head" }]', "[]", "major_now: nobody is told"),
    ("gate_arrived", 'outcome = "arrived"', 'outcome = "seen"', "gate_arrived: meet has no outcome seen"),
    ("gate_arrived", 'step = "meet"', 'step = "greet"', "gate_arrived: unknown target greet"),
]


@pytest.mark.parametrize(("step", "old", "new", "text"), STEP_MISTAKES)
def test_a_mistake_is_named_with_file_and_line(folder: Path, step: str, old: str, new: str, text: str) -> None:
    line = change(folder / "medical.toml", step, old, new)
    found = [m for m in mistakes_of(folder) if text in m]
    assert len(found) == 1
    named = int(found[0].split(":")[1])
    missing = "is missing" in text  # a key that is not there is looked for from its step's first line
    assert found[0].startswith("medical.toml:") and (named <= line if missing else named == line)


OTHER_MISTAKES = [
    ("vehicle", 'after = "start", value = "10m"', 'value = "10m"', "finish limit: never reached"),
    ("stand_by", 'role = "guard"', 'role = "guard"\ndepartment = "x"', "only a department_head has a department"),
    (
        "settle",
        '["ask_more_help"]',
        '["take_to_hospital"]',
        "goes round in a circle: take_to_hospital > settle > take_to_hospital",
    ),
    ("settle", '["ask_more_help"]', "[]", "ask_more_help: unreachable, nothing opens it"),
    ("settle", 'id = "settle"', 'id = "stand_by"', "duplicate id stand_by"),
    ("settle", 'id = "settle"', 'id = "head_decides"', "duplicate id head_decides, also in common.toml"),
    (
        "",
        'recording_step = "record_case"',
        'recording_step = "file_case"',
        "medical.toml:8: unknown target file_case",
    ),
    ("", "version = 1", "version = 0", "medical.toml:4: version: "),
    ("", "[grading]", "[gradings]", "medical.toml:12: gradings: unknown key"),
    ("", '"child_burns"', '"sunburn"', "medical.toml:13: grading.signs.5: "),
    ("", "common = 1", "common = 7", "medical.toml:5: common: there is no version 7 of common"),
    ("", 'playbook = "medical"', 'playbook = "medicine"', "medical.toml:3: playbook: "),
    ("", "[[step]]", "[step]", "not TOML: "),
    ("", "version = 1", 'version = "1"', "medical.toml:4: version: a whole number"),
    ("", "includes = [{", "includes = [3, {", "medical.toml:10: includes: rows of tables"),
    ("", "[grading]", "always = 3\n[grading]", "always: a table for each outcome"),
    ("", 'zh = "急救"', "", "zh: is missing"),
    ("", 'zh = "急救"', 'zh = "急救', "medical.toml:6: not TOML: "),
    ("", "outcomes.at_home", 'role = "guard"\noutcomes.at_home', "not TOML: "),
]


@pytest.mark.parametrize(("step", "old", "new", "text"), OTHER_MISTAKES)
def test_a_mistake_of_the_whole_is_named(folder: Path, step: str, old: str, new: str, text: str) -> None:
    change(folder / "medical.toml", step, old, new)
    assert any(m.startswith("medical.toml:") and text in m for m in mistakes_of(folder))


def test_the_circle_is_named_at_a_step_of_it(folder: Path) -> None:
    change(folder / "medical.toml", "settle", '["ask_more_help"]', '["take_to_hospital"]')
    lines = (folder / "medical.toml").read_text(encoding="utf-8").splitlines()
    circle = next(m for m in mistakes_of(folder) if "circle" in m)
    assert lines[int(circle.split(":")[1]) - 1].startswith('id = "take_to_hospital"')


def test_a_common_step_is_complained_of_once_and_in_its_own_file(folder: Path) -> None:
    line = change(folder / "common.toml", "no_entry", '"S2b"', '"X9"')
    assert mistakes_of(folder) == [f"common.toml:{line}: no_entry: clause X9 is none of the procedure's"]


def test_all_mistakes_of_all_files_are_reported_together(folder: Path) -> None:
    change(folder / "medical.toml", "ask_help", 'role = "customer_assistant"', 'role = "doctor"')
    change(folder / "medical.toml", "vehicle", "zh = ", f'zh = "{LONG_ZH}" #')
    change(folder / "inquiry.toml", "ask_head", '"reply_oral"', '"reply_orally"')
    change(folder / "ladders.toml", "", '"60s"', '"60"')
    found = "\n".join(mistakes_of(folder))
    for text in ("unknown role 'doctor'", "vehicle: zh: too long", "unknown target reply_orally", "ladders.toml:"):
        assert text in found
    assert len(re.findall(r"^\w+\.toml:\d+: ", found, re.MULTILINE)) == len(found.splitlines())


@pytest.mark.parametrize(
    ("old", "new", "behind", "text"),
    [
        ('{ role = "guard", lane', '{ role = "porter", lane', 0, "unknown role 'porter'"),
        ('{ role = "guard", lane', '{ role = "gate_guard", lane', 1, "gate_guard: a second row for emergency"),
        ('waits = ["120s"]', 'waits = ["0s"]', 0, "management_director: a wait is longer than nothing"),
        ('gas = { zh = "燃气泄漏"', 'gas = { zh = "小区地下管道燃气泄漏"', 0, "gas: a kind has 1 to 6 Chinese"),
        ('gas = { zh = "燃气泄漏", en = "GAS" }', "", -2, "gas: words are missing"),
    ],
)
def test_ladders_are_checked_too(folder: Path, old: str, new: str, behind: int, text: str) -> None:
    """A row that is missing is named at its table's head."""
    line = change(folder / "ladders.toml", "", old, new)
    assert any(m.startswith(f"ladders.toml:{line + behind}: ") and text in m for m in mistakes_of(folder))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('{ event = "form", value = "oral" }', '{ event = "major" }', "no step opens on form oral"),
        ('app = "written"\n', "", "default_form: no form for app"),
        ('after = "24h"', 'after = "24"', "on.0.after"),
    ],
)
def test_an_inquiry_of_every_form_opens_something(folder: Path, old: str, new: str, text: str) -> None:
    change(folder / "inquiry.toml", "", old, new)
    assert any(m.startswith("inquiry.toml:") and text in m for m in mistakes_of(folder))


STUB = """
playbook = "general"
version = 1
zh = "其他"
en = "GENERAL"
[[step]]
id = "wait"
clause = ["S2"]
src = "own"
role = "guard"
{opening}
zh = "等"
en = "Wait"
outcomes.done = {{ close = {close} }}
"""


@pytest.mark.parametrize(
    ("opening", "close", "text"),
    [
        ("side = true", "true", "no step opens on a report: filed, form, kind, help or urgency"),
        ('opens_on = [{ event = "filed" }]', "false", "no outcome closes the case"),
    ],
)
def test_a_playbook_begins_and_ends(folder: Path, opening: str, close: str, text: str) -> None:
    (folder / "general.toml").write_text(STUB.format(opening=opening, close=close), encoding="utf-8")
    assert mistakes_of(folder) == [f"general.toml:2: {text}"]


def test_an_include_that_is_not_there_is_refused(folder: Path) -> None:
    shutil.copy(FIXTURES / "security.toml", folder)
    line = change(folder / "security.toml", "", '"medical:meet"', '"medical:greet"')
    assert any(m.startswith(f"security.toml:{line}: includes: medical:greet") for m in mistakes_of(folder))


@pytest.mark.parametrize("name", ["ladders.toml", "common.toml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(name.removesuffix(".toml") in m for m in mistakes_of(folder))
