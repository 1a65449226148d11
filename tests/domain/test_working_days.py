"""Working days: make-up days of the published notice, and a year that is not announced yet (SOP S4.1)."""

from datetime import UTC, date, datetime, timedelta

from shared.domain.china_days import unannounced
from tests.domain.evenings import Evening
from tests.support.estate import an_estate


def a_letter(at: datetime, *, counts: bool = True, category: str = "inquiry") -> Evening:
    estate = an_estate("qinghe").model_copy(update={"working_days": counts})
    evening = Evening(category, estate, form="written")  # type: ignore[arg-type]
    evening.now = at
    evening.filed = evening.filed.model_copy(update={"accepted_at": at, "occurred_at": at})
    evening.file()
    evening.done("register_written", "registered")
    return evening


def test_two_days_from_the_eve_of_a_holiday_pass_over_it() -> None:
    """Filed on 2026-09-30 at 10:00 there: the National Day holiday counts for nothing, its make-up day does."""
    at = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    due = a_letter(at).assigned("reply_written")[0].finish_by
    assert due is not None and due > at + timedelta(days=7)
    wall = a_letter(at, counts=False).assigned("reply_written")[0].finish_by
    assert wall == at + timedelta(days=2)


def test_a_year_not_announced_yet_is_said_and_counted_on_the_wall_clock() -> None:
    at = datetime(2031, 12, 30, 2, 0, tzinfo=UTC)
    task = a_letter(at).assigned("reply_written")[0]
    assert task.finish_by == at + timedelta(days=2)
    assert task.assumed == ("no_working_days_2031",)


def test_where_nothing_was_assumed_nothing_is_said() -> None:
    task = a_letter(datetime(2026, 3, 4, 2, 0, tzinfo=UTC)).assigned("reply_written")[0]
    assert task.assumed is None


def test_it_is_said_in_time_that_a_year_is_not_announced() -> None:
    assert unannounced(date(2026, 3, 1), date(2026, 4, 30)) is None
    assert unannounced(date(2030, 12, 1), date(2031, 1, 30)) == 2030
