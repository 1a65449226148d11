"""When a clock runs out, from the packaged playbooks and from the hardest steps of the other classes."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.vocabulary import Category, Clock, Lane
from shared.domain.calendar import working_until
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.limits import ask_every, repeats, resolve
from shared.domain.playbooks.loading import PACKAGED, load_playbooks

REPORT = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)  # a Friday, 15:00 in Shanghai
SENT = REPORT + timedelta(minutes=10)
START = SENT + timedelta(minutes=2)
MET = SENT + timedelta(minutes=6)
CLOSED = REPORT + timedelta(hours=5)
DATE = REPORT + timedelta(days=9)
CARRIED = REPORT + timedelta(hours=1)

m, h, d = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
s = timedelta(seconds=1)


@pytest.fixture(scope="module")
def playbooks(tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    folder = tmp_path_factory.mktemp("limits") / "playbooks"
    shutil.copytree(PACKAGED, folder, ignore=shutil.ignore_patterns("digests.toml", "earlier"))
    for path in (Path(__file__).parent / "playbooks").glob("*.toml"):
        shutil.copy(path, folder)
    return load_playbooks(folder)


def weekdays(at: datetime, duration: timedelta) -> datetime:
    return working_until(at, duration, ZoneInfo("Asia/Shanghai"), lambda day: day.isoweekday() < 6)


Row = tuple[Category, str, Clock, dict[str, Any], datetime | None]
ROWS: list[Row] = [
    # medical: plain waits, the start that the desk says, an end of another step, what was agreed
    ("medical", "ask_address", "ack", {}, SENT + 20 * s),
    ("medical", "ask_address", "arrive", {}, None),
    ("medical", "vehicle", "finish", {}, SENT + 3 * m),
    ("medical", "vehicle", "finish", {"started_at": START}, START + 10 * m),
    ("medical", "vehicle", "arrive", {"started_at": START}, SENT + 10 * m),
    ("medical", "lead_in", "arrive", {}, None),
    ("medical", "lead_in", "arrive", {"step_ends": {"meet": MET}}, MET + 5 * m),
    ("medical", "nurse", "finish", {}, SENT + 2 * h),
    ("medical", "nurse", "finish", {"fields": {"care_until": (SENT + h).isoformat()}}, SENT + h),
    ("medical", "nurse", "finish", {"fields": {"care_until": SENT + 8 * h}}, SENT + 2 * h),
    ("medical", "nurse", "finish", {"fields": {"care_until": "tonight"}}, SENT + 2 * h),
    ("medical", "nurse", "finish", {"fields": {"care_until": "2026-03-06T17:00"}}, SENT + 2 * h),
    ("medical", "carry_out", "finish", {"fields": {"arranged_until": DATE}}, DATE),
    ("medical", "carry_out", "finish", {}, SENT + h),
    ("medical", "return_visit", "finish", {"closed_at": CLOSED}, CLOSED + 3 * d),
    ("medical", "return_visit", "finish", {}, None),
    ("medical", "stay_with_patient", "finish", {}, None),
    ("medical", "onward_contact", "finish", {}, SENT + 2 * m),
    ("medical", "director_instruction", "finish", {"calendar": weekdays}, SENT + 10 * m),
    # inquiry: two days from acceptance, whoever holds it; working days where the estate counts them
    ("inquiry", "onward_contact", "finish", {}, SENT + 30 * m),
    ("inquiry", "answer_caller", "finish", {}, SENT + 30 * m),
    ("inquiry", "reply_written", "ack", {}, SENT + 4 * h),
    ("inquiry", "reply_written", "finish", {}, REPORT + 48 * h),
    ("inquiry", "director_reply", "finish", {}, REPORT + 48 * h),
    ("inquiry", "deliver_reply", "finish", {"calendar": weekdays}, REPORT + 4 * d),
    ("inquiry", "director_instruction", "finish", {"calendar": weekdays}, SENT + 3 * d),
    ("inquiry", "director_instruction", "finish", {}, SENT + d),
    # repair: an appointment, urgency, hand-ons that carry the clock on
    ("repair", "order", "arrive", {}, SENT + 15 * m),
    ("repair", "order", "arrive", {"fields": {"appointment_at": DATE}}, DATE - 5 * m),
    ("repair", "order", "finish", {"urgency": "urgent"}, SENT + 2 * h),
    ("repair", "order", "finish", {"urgency": "daily"}, SENT + 24 * h),
    ("repair", "order", "finish", {"urgency": "special"}, None),
    ("repair", "repair", "finish", {"urgency": "urgent"}, REPORT + 2 * h),
    ("repair", "order_next", "finish", {"carried": CARRIED}, CARRIED),
    ("repair", "order_next", "finish", {}, None),
    ("repair", "call_back_15", "finish", {}, SENT + 5 * m),
    ("repair", "lift_rescue", "finish", {"lane": "emergency"}, SENT + 30 * m),
    ("repair", "return_visit_repair", "finish", {"closed_at": CLOSED}, CLOSED + 30 * d),
    # complaint: working days, a promised date, visits after closing
    ("complaint", "grade_complaint", "finish", {"calendar": weekdays}, SENT + 4 * h),
    ("complaint", "first_answer", "finish", {"calendar": weekdays}, REPORT + 3 * d),
    ("complaint", "handle", "finish", {"fields": {"date_promised": DATE}}, DATE),
    ("complaint", "handle", "finish", {}, SENT + 3 * d),
    ("complaint", "visit_major", "finish", {"closed_at": CLOSED}, CLOSED + 2 * d),
    # security: on duty and off
    ("security", "supervisor_scene", "arrive", {"on_duty": True}, SENT + 4 * m),
    ("security", "supervisor_scene", "arrive", {"on_duty": False}, SENT + 15 * m),
    ("security", "written_report", "finish", {"calendar": weekdays}, REPORT + 12 * h),
    ("security", "meet", "arrive", {}, SENT + 2 * m),
    # disaster: by the colour, as red until it is known
    ("disaster", "report_authority", "finish", {"fields": {"colour": "red"}}, REPORT + 10 * m),
    ("disaster", "report_authority", "finish", {"fields": {"colour": "orange"}}, REPORT + 20 * m),
    ("disaster", "report_authority", "finish", {"fields": {"colour": "blue"}}, REPORT + 30 * m),
    ("disaster", "report_authority", "finish", {}, REPORT + 10 * m),
    # general: a promised time, and a second hand-on
    ("general", "help", "finish", {"fields": {"time_promised": DATE}}, DATE),
    ("general", "help", "finish", {}, SENT + 24 * h),
    ("general", "help_second", "finish", {"carried": CARRIED}, CARRIED),
]
LANES: dict[Category, Lane] = {"medical": "emergency", "security": "emergency", "disaster": "emergency"}


@pytest.mark.parametrize(("category", "step", "clock", "known", "due"), ROWS)
def test_a_clock_runs_out(
    playbooks: Playbooks, category: Category, step: str, clock: Clock, known: dict[str, Any], due: datetime | None
) -> None:
    given = {"sent_at": SENT, "report_at": REPORT, "lane": LANES.get(category, "routine"), **known}
    assert resolve(playbooks.of(category).steps[step], clock, **given) == due


@pytest.mark.parametrize(
    ("category", "step", "finish_by", "every"),
    [
        ("medical", "meet", None, 30 * m),
        ("medical", "stay_with_patient", None, 30 * m),
        ("medical", "nurse", SENT + h, 30 * m),
        ("medical", "settle", SENT + h, None),
        ("repair", "order_next", None, 30 * m),
    ],
)
def test_no_open_task_is_without_a_live_deadline(
    playbooks: Playbooks, category: Category, step: str, finish_by: datetime | None, every: timedelta | None
) -> None:
    assert ask_every(playbooks.of(category).steps[step], finish_by) == every


@pytest.mark.parametrize(("step", "clock", "every"), [("ask_help", "finish", m), ("ask_help", "ack", None)])
def test_which_help_is_asked_again(playbooks: Playbooks, step: str, clock: Clock, every: timedelta | None) -> None:
    assert repeats(playbooks.of("medical").steps[step], clock) == every
