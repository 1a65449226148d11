"""S7: price, consent and approval before anything is begun, and what cannot be repaired at once."""

from datetime import timedelta

import pytest

from tests.domain.evenings import START, refused
from tests.domain.watched_evenings import Night, repair


def test_nothing_off_the_price_list_begins_without_price_and_consent() -> None:
    night = repair("unlisted", urgency="daily")
    assert night.to("quote") == ["chief-1"] and night.after("quote", "finish") == timedelta(minutes=15)
    for lacking in ("price", "agreed_at"):
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


@pytest.mark.parametrize(("answer", "next_step"), [("approved", "order"), ("refused", "explain_refused")])
def test_no_outside_contractor_is_sent_before_the_head_approves(answer: str, next_step: str) -> None:
    night = repair("special", urgency="special")
    assert night.open() == ["quote.1"]
    assert refused(night.done("quote", "contractor", agreed_at=...)) == "missing", "nor before the resident agrees"
    night.done("quote", "contractor", contractor="防水公司")
    assert night.open() == ["approve_contractor.1"]
    night.done("approve_contractor", answer)
    assert night.to("contractor_decided") == ["chief-1", "desk-1"]
    assert night.open() == [f"{next_step}.1"]
    night.later(minutes=15)
    assert night.is_open("call_back_15") is (answer == "approved")


def test_a_refused_contractor_is_explained_and_the_repair_is_ours_or_others_or_over() -> None:
    def denied() -> Night:
        night = repair("special", urgency="special")
        night.done("quote", "contractor")
        night.done("approve_contractor", "refused")
        return night

    ours, over, theirs = denied(), denied(), denied()
    promised = START + timedelta(days=2)
    ours.done("explain_refused", "own_people", date_promised=promised.isoformat())
    assert ours.assigned("finish_later")[0].finish_by == promised
    over.done("explain_refused", "told")
    assert over.open() == ["record_repair.1"]
    theirs.done("explain_refused", "elsewhere")
    assert theirs.open() == ["explain_refused.1", "onward_contact.1"]


@pytest.mark.parametrize(("answer", "next_step"), [("approved", "explain_delay"), ("refused", "explain_refused")])
def test_a_contractor_found_necessary_on_the_way_is_asked_for_though_one_was_before(
    answer: str, next_step: str
) -> None:
    night = repair("special", urgency="special")
    night.done("quote", "contractor")
    night.done("approve_contractor", "approved")
    night.done("order", "arrived")
    night.done("repair", "contractor")
    assert night.open() == ["approve_on_site.1"], "nothing is promised before"
    night.done("approve_on_site", answer)
    assert night.open() == [f"{next_step}.1"]


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
