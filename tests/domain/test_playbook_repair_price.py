"""S7: price, consent and approval before anything is begun, and what cannot be repaired at once."""

from datetime import timedelta

import pytest

from tests.domain.evenings import START, refused
from tests.domain.watched_evenings import repair


def test_nothing_off_the_price_list_begins_without_price_and_consent() -> None:
    night = repair("unlisted", urgency="daily")
    assert night.to("quote") == ["chief-1"] and night.after("quote", "finish") == timedelta(minutes=15)
    for lacking in ("price", "agreed_at", "approved_by"):
        assert refused(night.done("quote", "agreed", **{lacking: ...})) == "missing"
    assert night.open() == ["quote.1"]
    night.done("quote", "agreed", price=120)
    assert night.open() == ["order.1"]
    night.later(minutes=15)
    assert night.is_open("call_back_15")


def test_a_declined_price_is_recorded() -> None:
    night = repair("unlisted", urgency="daily")
    night.done("quote", "declined")
    assert night.open() == ["record_repair.1"]


def test_what_cannot_be_done_goes_to_whoever_can() -> None:
    night = repair("unlisted", urgency="daily")
    night.done("quote", "not_feasible")
    assert night.open() == ["onward_contact.1", "quote.1"]
    night.done("onward_contact", "contacted")
    night.done("quote", "passed_on")
    assert night.open() == ["record_repair.1"]


@pytest.mark.parametrize("answer", ["approved", "refused"])
def test_an_outside_contractor_is_the_heads_to_approve(answer: str) -> None:
    night = repair("special", urgency="special")
    assert night.open() == ["approve_contractor.1", "quote.1"]
    night.done("approve_contractor", answer)
    assert night.to("contractor_decided") == ["chief-1", "desk-1"]
    assert night.open() == ["quote.1"], "the quote is not over by it"


def test_a_contractor_found_necessary_on_the_way_is_approved_too() -> None:
    quoted = repair("unlisted", urgency="daily")
    quoted.done("quote", "contractor")
    assert quoted.open() == ["approve_contractor.1", "quote.1"]
    opened = repair("daily", urgency="daily")
    opened.done("order", "arrived")
    opened.done("repair", "contractor")
    assert opened.open() == ["approve_contractor.1", "explain_delay.1"]


def test_what_cannot_be_repaired_now_is_explained_and_finished_as_promised() -> None:
    night = repair("daily", urgency="daily")
    night.done("order", "arrived")
    night.done("repair", "cannot_now")
    assert night.open() == ["explain_delay.1"]
    promised = START + timedelta(days=4)
    assert refused(night.done("explain_delay", "told", date_promised=...)) == "missing"
    night.done("explain_delay", "told", date_promised=promised.isoformat())
    later = night.assigned("finish_later")[0]
    assert (later.to.person, later.finish_by) == ("engineer-1", promised)
    night.done("finish_later", "done")
    assert night.open() == ["record_repair.1"]


def test_a_date_that_is_over_already_is_a_day() -> None:
    night = repair("daily", urgency="daily")
    night.done("order", "arrived")
    night.done("repair", "cannot_now")
    night.done("explain_delay", "told", date_promised=START.isoformat())
    assert night.after("finish_later", "finish") == timedelta(hours=24)
