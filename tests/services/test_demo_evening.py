"""Reading an evening's file, and who answers what when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.demoing.evening import Evening, EveningMistake, read_evening, timed
from cli.demoing.people import People, report_id
from cli.starting import example_estates
from shared.contracts.event import Addressee, Words
from shared.contracts.ids import parse_report_id
from shared.contracts.tasks import TaskAssigned, TaskEnded
from shared.contracts.vocabulary import HELPS

FILE = Path(__file__).resolve().parents[2] / "examples" / "evening.toml"
AT = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)
SMALL = """
begins = 2026-11-20T18:42:00+08:00
lasts = "10m"
speed = 20.0

[stand_ins.xinghe]
shift_leader = "security_supervisor"

[[habit]]
step = "meet"
says = [{ after = "8s", reply = "acknowledge" }]

[[habit]]
step = "meet"
n = 1
says = [{ after = "9s", reply = "complete", outcome = "arrived", record = { gate = "南门", at = "now+5m" } }]

[[report]]
id = "first"
at = "30s"
estate = "xinghe"
ask = { category = "medical", text = "救命" }
again = ["5s"]
silent = ["hold_lift"]
records = { meet = { gate = "北门" } }

[[report.habits]]
step = "vehicle"
says = [{ after = "7s", reply = "start" }]
"""


@pytest.fixture(scope="module")
def evening() -> Evening:
    return read_evening(FILE.read_text(encoding="utf-8"))


def _assigned(
    evening: Evening, step: str, n: int = 1, person: str | None = "zuo-ming", **more: Any
) -> TaskAssigned:
    report = report_id(evening, evening.report[0])
    values: dict[str, Any] = {
        "event_id": parse_report_id(report).hex,
        "report_id": report,
        "estate_id": "xinghe",
        "occurred_at": AT,
        "accepted_at": AT,
        "case_version": 1,
        "index": 0,
        "task_id": f"{report}.{step}.{n}",
        "step": step,
        "n": n,
        "clause": ("S3",),
        "playbook": "medical",
        "playbook_version": 1,
        "to": Addressee(role="gate_guard", person=person),
        "words": Words(zh="去", en="GO"),
        "assigned_at": AT,
    }
    return TaskAssigned(**values | more)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("speed = 20.0", "speed = 0.0"), "speed"),
        (('at = "30s"', 'at = "soon"'), "report.0.at"),
        (('reply = "start"', 'reply = "sing"'), "report.0.habits.0.says.0.reply"),
        (('estate = "xinghe"', 'estaet = "xinghe"'), "report.0.estaet"),
        (("begins = 2026-11-20T18:42:00+08:00", "begins = 2026-11-20T18:42:00"), "begins"),
        (("[[report]]", "[[report"), "line"),
    ],
)
def test_a_mistake_is_named(change: tuple[str, str], named: str) -> None:
    with pytest.raises(EveningMistake, match=named):
        read_evening(SMALL.replace(*change))


def test_an_id_stands_once() -> None:
    twice = SMALL + SMALL[SMALL.index("[[report]]") :]
    with pytest.raises(EveningMistake, match="first"):
        read_evening(twice)


@pytest.mark.parametrize(
    ("step", "n", "replies"),
    [
        ("meet", 1, ["complete"]),
        ("meet", 2, ["acknowledge"]),
        ("vehicle", 1, ["start"]),
        ("hold_lift", 1, []),
        ("settle", 1, []),
    ],
)
def test_the_reports_own_rows_come_before_habits(step: str, n: int, replies: list[str]) -> None:
    small = read_evening(SMALL)
    assert [row.reply for row in small.says(small.report[0], step, n)] == replies


def test_a_reports_record_goes_into_the_completion() -> None:
    small = read_evening(SMALL)
    assert small.says(small.report[0], "meet", 1)[0].record == {"gate": "北门", "at": "now+5m"}


def test_now_and_later_are_instants() -> None:
    record = timed({"at": "now", "until": "now+90m", "who": "nobody", "flag": True}, AT)
    assert record == {
        "at": AT.isoformat(),
        "until": (AT + timedelta(minutes=90)).isoformat(),
        "who": "nobody",
        "flag": True,
    }


def test_a_repetition_is_the_same_request() -> None:
    small = read_evening(SMALL)
    first, again = People(small, example_estates(), AT).reports()
    assert (first.at, again.at) == (AT + timedelta(seconds=30), AT + timedelta(seconds=35))
    assert again._replace(at=first.at) == first
    assert first.report_id == report_id(small, small.report[0])


def test_answers_come_after_the_sending_by_the_holder_until_the_task_has_ended() -> None:
    small = read_evening(SMALL)
    people = People(small, example_estates(), AT)
    sent = _assigned(small, "meet", 2)
    (answer,) = people.heard(sent)
    request = people.request(answer)
    assert request is not None
    assert request.at == AT + timedelta(seconds=8)
    assert request.body == {"type": "acknowledge", "by": {"role": "gate_guard", "person": "zuo-ming"}}
    people.heard(
        TaskEnded(
            **sent.model_dump(
                include={"event_id", "report_id", "estate_id", "occurred_at", "accepted_at", "task_id"}
            ),
            case_version=2,
            index=0,
            outcome="passed_elsewhere",
        )
    )
    assert people.request(answer) is None


def test_where_nobody_holds_the_role_the_stand_in_answers() -> None:
    small = read_evening(SMALL)
    people = People(small, example_estates(), AT)
    empty = _assigned(small, "vehicle", to=Addressee(role="shift_leader"))
    request = people.request(people.heard(empty)[0])
    assert request is not None
    assert request.body["by"] == {"role": "security_supervisor", "person": "lei-zhengang"}


def test_the_evening_has_what_a_newcomer_is_to_see(evening: Evening) -> None:
    asks = [filing.ask for filing in evening.report]
    helps = [set(ask.get("help", ())) for ask in asks if ask["category"] == "medical"]
    channels = {ask.get("channel") for ask in asks if ask["category"] == "inquiry"}
    assert len(evening.report) >= 30
    assert len({filing.estate for filing in evening.report}) == 2
    assert set().union(*helps) == set(HELPS)
    assert any(len(chosen) > 1 for chosen in helps) and set() in helps
    assert {"phone", "written"} <= channels
    assert any(amend.fields["type"] == "help" for filing in evening.report for amend in filing.amends)
    assert any(filing.again for filing in evening.report)
    assert {400, 401, 404, 413, 415, 422} <= {unusable.expect for unusable in evening.unusable}
    assert all(any("\u4e00" <= c <= "\u9fff" for c in ask["text"]) for ask in asks)
