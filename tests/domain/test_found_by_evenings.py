"""What random evenings found, each as small as it can be told."""

from typing import Any

from shared.contracts.event import Speaker
from tests.domain.evenings import DESK, HOME, LEADER, Evening


def _hears(evening: Evening, person: str) -> bool:
    """By a task of its own or by a notice, since the last word."""
    last = evening.play.facts[-1].because_of
    told = [f for f in evening.play.facts if f.because_of == last and getattr(f, "to", None)]
    return any(f.to.person == person for f in told)  # type: ignore[attr-defined]


def test_who_has_only_a_correction_left_still_hears_that_the_case_is_off() -> None:
    """The correction ends without a word where a newer one comes, not where all is called off."""
    evening = Evening(help=("ambulance",), **HOME).file()
    evening.place("1栋2单元", "B1-2")
    evening.done("tell_leader", "told", LEADER)
    evening.withdraw()
    assert not evening.is_open("correct_place")
    assert _hears(evening, "leader-1")


def test_who_took_a_task_that_was_sent_to_another_hears_that_the_case_is_off() -> None:
    """He stands at the lift; that his task has ended by his arrival does not send him home."""
    evening = Evening(help=("ambulance",), **HOME).file()
    sent_to = evening.assigned("hold_lift")[0].to.person
    other = next(p for p in ("guard-1", "guard-2", "guard-3") if p != sent_to)
    evening.arrive("hold_lift", Speaker(role="guard", person=other))
    evening.withdraw()
    assert _hears(evening, str(sent_to)) and _hears(evening, other)


def test_a_state_holds_nothing_but_plain_values() -> None:
    evening = Evening(help=("ambulance",), **HOME).file()
    evening.done("call_120", "coming", DESK)
    assert _types(evening.state) <= {"dict", "list", "str", "int", "bool", "datetime", "UUID", "NoneType"}


def _types(value: Any) -> set[str]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {type(value).__name__}.union(*(_types(one) for one in inside))
