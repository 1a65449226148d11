"""What an estate sets otherwise: applied, refused where it loosens the source, kept by the case that began so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.escalations import RungReached
from shared.contracts.tasks import ReportOpened
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.loading import EstateMistakes, read_estate
from shared.domain.estates.overrides import misfits
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.differing import differences, wait_differences
from shared.domain.playbooks.format import Limit
from shared.domain.playbooks.loosening import loosened
from shared.domain.playbooks.override_checks import override_mistakes
from shared.domain.playbooks.overriding import overridden, rows_text, under
from shared.domain.playbooks.own_rows import Override, OwnWaits, write_duration
from shared.domain.rehearsing import Rehearsal
from shared.domain.rules import World
from tests.domain.evenings import CODE, HOME, Evening, only, playbooks
from tests.support.estate import an_estate

MINUTE = timedelta(minutes=1)


def row(**said: Any) -> Override:
    return Override.model_validate({"playbook": "medical", **said})


def limit(clock: str, value: object, **more: object) -> dict[str, object]:
    return {"clock": clock, "value": value, **more}


def its(*rows: Override, waits: tuple[OwnWaits, ...] = ()) -> Estate:
    return an_estate(CODE).model_copy(update={"overrides": rows, "waits": waits})


LATER = row(step="place_two", limits=[limit("finish", "4m")])


# ---- applied ---------------------------------------------------------------------


def test_a_step_goes_out_as_the_estate_has_it() -> None:
    rows = (
        row(step="place_two", role="security_supervisor", limits=[limit("ack", "45s"), limit("finish", "4m")]),
        row(step="stand_by", count=3),
    )
    evening = Evening(estate=its(*rows), **HOME, help=("transport",)).file()
    (task,) = evening.assigned("place_two")
    assert (task.to.role, task.ack_wait) == ("security_supervisor", 45)
    assert task.finish_by == task.assigned_at + 4 * MINUTE
    evening.done("place_two", "sent")
    assert len(evening.assigned("stand_by")) == 3
    assert evening.assigned("vehicle")[0].ack_wait == 20


def test_limits_of_other_clocks_and_other_classes_stay() -> None:
    book = overridden(
        playbooks().of("medical"), (LATER, row(playbook="inquiry", step="ask_head", role="service_head"))
    )
    before, after = playbooks().of("medical").steps["place_two"], book.steps["place_two"]
    assert [r for r in after.limits if r.clock == "ack"] == [r for r in before.limits if r.clock == "ack"]
    assert [r.value for r in after.limits if r.clock == "finish"] == [4 * MINUTE]
    changed = {name for name, step in book.steps.items() if step != playbooks().of("medical").steps[name]}
    assert changed == {"place_two"}


def test_grading_is_the_estates_own() -> None:
    own = row(grading={"signs": ["labour"], "without_place_after": "1m", "raised_by": ["shift_leader"]})
    plain, strict = Evening(signs=("chest_pain",)), Evening(estate=its(own), signs=("chest_pain",))
    assert plain.file().state["grade"] == "major"
    assert strict.file().state["grade"] == "ordinary"
    strict.later(seconds=62)
    assert strict.state["grade"] == "major"


def test_a_notice_is_told_to_whom_the_estate_says() -> None:
    own = row(notice="major_now", to=[{"role": "service_head"}, {"role": "management_director"}])
    evening = Evening(estate=its(own), **HOME, signs=("chest_pain",)).file()
    assert {said.to.role for said in evening.assigned("major_now")} == {"service_head", "management_director"}


def test_a_role_of_its_own_has_no_department_of_the_old_one() -> None:
    rows = (row(step="vehicle", role="department_head", department="engineering"),)
    book = overridden(playbooks().of("medical"), rows)
    assert (book.steps["vehicle"].role, book.steps["vehicle"].department) == ("department_head", "engineering")
    back = overridden(book, (row(step="vehicle", role="guard"),))
    assert back.steps["vehicle"].department is None


# ---- a case keeps what it began with ------------------------------------------------


def test_a_case_keeps_the_rows_it_began_with_and_a_new_one_takes_the_new() -> None:
    evening = Evening(estate=its(row(step="stand_by", limits=[limit("arrive", "9m")])), **HOME, help=("transport",))
    evening.file()
    (opened,) = only(evening.play.facts, ReportOpened)
    assert (
        opened.overrides == '[{"limits":[{"clock":"arrive","value":"9m"}],"playbook":"medical","step":"stand_by"}]'
    )
    assert evening.state["overrides"] == opened.overrides
    evening.play.worlds[CODE] = World(its(row(step="stand_by", count="each")), playbooks())
    evening.done("place_two", "sent")
    sent = evening.assigned("stand_by")
    assert len(sent) == 2
    assert all(task.arrive_by == task.assigned_at + 9 * MINUTE for task in sent)
    other = Evening(estate=its(), **HOME, help=("transport",)).file()
    assert only(other.play.facts, ReportOpened)[0].overrides is None and "overrides" not in other.state


def test_a_case_without_rows_stays_without_though_the_estate_writes_some() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.play.worlds[CODE] = World(its(row(step="stand_by", limits=[limit("arrive", "9m")])), playbooks())
    evening.done("place_two", "sent")
    assert evening.assigned("stand_by")[0].arrive_by == evening.assigned("stand_by")[0].assigned_at + 5 * MINUTE


def test_the_overridden_playbook_is_built_once() -> None:
    book, text = playbooks().of("medical"), rows_text((LATER,), "medical")
    assert under(book, text) is under(book, str(text)) is not book
    assert under(book, None) is book


def test_a_row_that_does_not_fit_any_more_is_left_out_and_the_rest_holds() -> None:
    text = rows_text(
        (row(step="gone", role="guard"), row(step="place_two", limits=[limit("finish", "soon")]), LATER), "medical"
    )
    assert text is not None
    unread = text[:-1] + ',{"playbook":"medical","step":"vehicle","colour":"red"}]'
    book = under(playbooks().of("medical"), unread)
    found = [r.value for r in book.steps["place_two"].limits if r.clock == "finish"]
    assert found == [4 * MINUTE] and book.steps["vehicle"] == playbooks().of("medical").steps["vehicle"]


def test_what_loosens_the_source_never_reaches_a_case() -> None:
    book = playbooks().of("inquiry")
    looser = row(playbook="inquiry", step="reply_written", limits=[limit("finish", "5d", after="report")])
    assert overridden(book, (looser,)) == book


# ---- refused ------------------------------------------------------------------------

S_DEFAULT = {"after": "report", "calendar": "working"}


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"step": "nowhere", "role": "guard"}, "step", "medical has no step nowhere"),
        ({"notice": "nowhere", "urgency": "routine"}, "notice", "medical has no notice nowhere"),
        ({"step": "vehicle"}, "", "changes nothing"),
        ({"step": "vehicle", "notice": "major_now"}, "", "one of step, notice and grading"),
        ({"step": "vehicle", "urgency": "morning"}, "urgency", "does not go with step"),
        ({"step": "vehicle", "count": 0}, "count", "count is at least 1"),
        ({"step": "vehicle", "role": "department_head"}, "department", "needs a department"),
        ({"step": "vehicle", "department": "engineering"}, "department", "only a department_head"),
        ({"step": "correct_place", "role": "guard"}, "role", "whoever holds each task"),
        ({"step": "stand_by", "count": 1}, "count", "never fewer than 2"),
        ({"step": "vehicle", "limits": [{"clock": "ack", "value": "soon"}]}, "limits.1", "a duration is"),
        ({"step": "vehicle", "limits": [{"clock": "ack", "value": "0s"}]}, "limits", "longer than nothing"),
        ({"step": "vehicle", "limits": [limit("ack", "20m"), limit("arrive", "5m")]}, "limits", "impossible"),
        ({"step": "vehicle", "limits": [limit("ack", "5s", colour="red")]}, "limits.1", "unknown key"),
        ({"step": "vehicle", "limits": [limit("finish", "5m", after="step:nowhere")]}, "limits", "unknown target"),
        (
            {"step": "vehicle", "limits": [limit("finish", "5m", field="nowhere")]},
            "limits",
            "no step records a time",
        ),
        ({"notice": "major_now", "urgency": "morning"}, "urgency", "told less urgently"),
        ({"notice": "major_now", "to": [{"role": "guard"}]}, "to", "nobody may be left out"),
        ({"notice": "gate_arrived", "to": [{"role": "guard", "department": "x"}]}, "to.1", "only department_head"),
        ({"grading": {"always": True}}, "grading.always", "is no field here"),
        ({"grading": {"kinds": ["fire"]}}, "grading.kinds", "medical has no kind fire"),
        ({"grading": {"signs": ["sneezing"]}}, "grading", "signs.0"),
        (
            {"grading": {"promotion": {"after": "20d", "households": 2, "only_if": "no"}}},
            "grading.promotion",
            "flag",
        ),
        (
            {"playbook": "inquiry", "step": "reply_written", "limits": [limit("finish", "3d", **S_DEFAULT)]},
            "limits",
            "never loosen it",
        ),
        (
            {"playbook": "inquiry", "step": "reply_written", "limits": [limit("finish", "2d")]},
            "limits",
            "never loosen it",
        ),
    ],
)
def test_what_an_estate_may_not_set(said: dict[str, Any], field: str, words: str) -> None:
    found = override_mistakes(playbooks(), (row(**said),))
    assert any(one.field == field and words in one.words.en for one in found), found
    assert all(one.words.zh and (one.section, one.row) == ("overrides", 1) for one in found)


@pytest.mark.parametrize(
    "said",
    [
        {"playbook": "inquiry", "step": "reply_written", "limits": [limit("finish", "1d", **S_DEFAULT)]},
        {"playbook": "inquiry", "step": "reply_written", "limits": [limit("finish", "2d", after="report")]},
        {"playbook": "inquiry", "step": "reply_written", "role": "management_director"},
        {"notice": "gate_arrived", "urgency": "routine"},
        {"notice": "ordinary_after", "urgency": "routine"},
        {"step": "stand_by", "count": 3},
        {"step": "place_two", "limits": [limit("finish", {"emergency": "3m"}, by="lane")]},
    ],
)
def test_what_is_stricter_or_a_default_may_be_set(said: dict[str, Any]) -> None:
    assert override_mistakes(playbooks(), (row(**said),)) == ()


def test_two_rows_for_one_thing_and_two_that_do_not_go_together() -> None:
    (twice,) = override_mistakes(playbooks(), (LATER, row(step="place_two", limits=[limit("finish", "5m")])))
    assert (twice.row, twice.field, twice.words.en) == (2, "limits", "row 1 says it already")
    rows = (row(step="stand_by", limits=[limit("ack", "4m")]), row(step="stand_by", limits=[limit("arrive", "3m")]))
    (apart,) = override_mistakes(playbooks(), rows)
    assert apart.words.en.startswith("impossible: acknowledged")


def a(value: object, src: str = "own", **more: object) -> Limit:
    return Limit.model_validate({"clock": "finish", "value": value, "src": src, **more})


COLOURS = {"red": "10m", "orange": "20m"}
BEFORE = a("-5m", field="appointment_at")


@pytest.mark.parametrize(
    ("packaged", "own", "is_looser"),
    [
        ((a("3h", "G"),), (a("2h"),), False),
        ((a("3h", "G"),), (a("4h"),), True),
        ((a("3h", "F"),), (a("4h"),), False),
        ((a("3h", "G", after="report"),), (a("3h"),), True),
        ((a("3h", "S"),), (a("3h", calendar="working"),), True),
        ((a("3h", "S", repeat="10m"),), (a("3h"),), True),
        ((a(COLOURS, "G", by="field:colour"),), (a({**COLOURS, "red": "5m"}, by="field:colour"),), False),
        ((a(COLOURS, "G", by="field:colour"),), (a({"red": "5m"}, by="field:colour"),), True),
        ((a(COLOURS, "G", by="field:colour"),), (a("10m"),), False),
        ((a(COLOURS, "G", by="field:colour"),), (a("15m"),), True),
        ((BEFORE, a("3h", "S")), (BEFORE, a("2h")), False),
        ((a("3h", "S"),), (BEFORE, a("2h")), True),
        ((a("3h", "S"),), (a("1d", after="close"), a("2h")), True),
    ],
)
def test_longer_than_a_row_of_the_source_or_the_government(
    packaged: tuple[Limit, ...], own: tuple[Limit, ...], is_looser: bool
) -> None:
    assert (loosened(packaged, own) is not None) == is_looser


# ---- waits --------------------------------------------------------------------------

SLOW = OwnWaits(role="shift_leader", lane="emergency", waits=(1.5 * MINUTE, 2 * MINUTE))


def test_waits_of_the_estate_count_in_dispatch_and_on_every_rung() -> None:
    step = row(step="place_two", limits=[limit("finish", "30m")])
    evening = Evening(estate=its(step, waits=(SLOW,)), **HOME, help=("transport",))
    evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], playbooks())
    evening.file()
    evening.later(minutes=6)
    said = [f for f in only(evening.play.facts, RungReached) if f.task_id == evening.task_id("place_two")]
    waited = [f.again_at - f.accepted_at for f in said if f.clock == "ack"]
    assert waited[:2] == [2 * MINUTE, 2 * MINUTE]
    world = World(evening.estate, playbooks())
    assert [world.wait("shift_leader", "emergency", n) for n in (0, 1, 5)] == [1.5 * MINUTE, 2 * MINUTE, 2 * MINUTE]
    assert world.wait("shift_leader", "routine", 0) == playbooks().wait("shift_leader", "routine", 0)
    assert world.wait("guard", "emergency", 0) == 0.5 * MINUTE


def test_the_first_wait_is_the_estates_where_the_step_sets_none() -> None:
    roles = ("service_head", "shift_leader")
    quick = tuple(OwnWaits(role=role, lane="emergency", waits=(timedelta(seconds=15),)) for role in roles)
    evening = Evening(estate=its(waits=quick), **HOME, help=("nursing",), signs=("chest_pain",)).file()
    assert evening.assigned("major_now")[0].ack_wait == 15
    for step, outcome in (
        ("nursing_wishes", "asked"),
        ("ask_supervisor", "asked"),
        ("supervisor_decides", "agreed"),
    ):
        evening.done(step, outcome)
    assert evening.assigned("choose_people")[0].ack_wait == 15


@pytest.mark.parametrize(
    ("waits", "words"),
    [
        ((OwnWaits(role="guard", lane="emergency", waits=(timedelta(),)),), "longer than nothing"),
        ((SLOW, SLOW), "a second row for shift_leader, emergency"),
    ],
)
def test_waits_that_cannot_work(waits: tuple[OwnWaits, ...], words: str) -> None:
    assert [one.section for one in override_mistakes(playbooks(), (), waits) if words in one.words.en] == ["waits"]


# ---- the file ------------------------------------------------------------------------

FILE = """estate = "tiny"
zh = "小院"
en = "Tiny"

[[overrides]]
playbook = "medical"
step = "place_two"
limits = [
  { clock = "finish", value = "4m", src = "own" },
]

[[overrides]]
playbook = "medical"
step = "vehicle"
role = "department_head"
department = "cleaning"

[[overrides]]
playbook = "medical"
[overrides.grading]
without_place_after = "2m"

[[waits]]
role = "guard"
lane = "emergency"
waits = ["45s", "2m"]
"""


def test_an_estates_file_says_it_and_comes_back_from_the_directory_as_it_was() -> None:
    estate = read_estate(FILE, "tiny.toml")
    stored = Estate.model_validate(estate.model_dump(mode="json"))
    assert stored == estate
    assert misfits(stored, FILE, "tiny.toml", playbooks()) == misfits(estate, FILE, "tiny.toml", playbooks())
    assert estate.model_dump(mode="json")["waits"][0]["waits"] == ["45s", "2m"]
    (wrong,) = misfits(estate, FILE, "tiny.toml", playbooks())
    assert wrong.text() == "tiny.toml:16: overrides#2.department: unknown department: cleaning"
    assert "没有这个部门" in wrong.text("zh")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('role = "department_head"', 'role = "captain"', "tiny.toml:15: overrides#2.role: unknown role"),
        ('"45s"', '"45"', "tiny.toml:26: waits#1.waits"),
        ('department = "cleaning"', 'colour = "red"', "tiny.toml:16: overrides#2.colour: is no field here"),
        ('playbook = "medical"\nstep = "place_two"', 'playbook = "meals"', "tiny.toml:6: overrides#1.playbook"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_line(old: str, new: str, said: str) -> None:
    with pytest.raises(EstateMistakes) as wrong:
        read_estate(FILE.replace(old, new, 1), "tiny.toml")
    assert [m for m in wrong.value.mistakes if m.text().startswith(said)]


@pytest.mark.parametrize("text", ["20s", "90s", "5m", "48h", "3d", "25h", "61m"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    waits = OwnWaits.model_validate({"role": "guard", "lane": "routine", "waits": [text]}).waits
    assert (
        OwnWaits.model_validate({"role": "guard", "lane": "routine", "waits": [write_duration(waits[0])]}).waits
        == waits
    )


# ---- what is different ------------------------------------------------------------------


def test_differences_are_named_by_step_with_old_new_and_where_they_come_from() -> None:
    book = playbooks().of("medical")
    rows = (LATER, row(step="vehicle", role="guard"), row(grading={"without_place_after": "2m"}))
    found = {(d.of, d.what): (d.old, d.new, d.src) for d in differences(book, overridden(book, rows))}
    assert found == {
        ("", "grading.without_place_after"): ("3m", "2m", ("", "")),
        ("place_two", "finish"): ("2m", "4m", ("own", "own")),
        ("vehicle", "role"): ("customer_assistant", "guard", ("S", "S")),
    }
    (wait,) = wait_differences(playbooks().waits, (SLOW,))
    assert (wait.of, wait.old, wait.new) == ("shift_leader emergency", "30s, 1m, 2m", "90s, 2m")


def test_the_examples_fit_the_playbooks() -> None:
    for path in sorted((Path(__file__).resolve().parents[2] / "examples" / "estates").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        assert misfits(read_estate(text, path.name), text, path.name, playbooks()) == ()
