"""Estates of a random night: who is there, and when."""

from datetime import time, timedelta
from functools import cache

from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Estate
from shared.domain.estates.rows import Absence, Shift
from tests.domain.evenings import CODE, START
from tests.support.estate import an_estate


@cache
def estates() -> tuple[Estate, ...]:
    """Everybody always there; three shifts with an absence and a head of department; almost nobody."""
    return an_estate(CODE), _in_shifts(), an_estate(CODE, without=("guard-1", "guard-2", "leader-1", "head-1"))


def _in_shifts() -> Estate:
    """By day one half and by night the other; one man is both guard and leader, one is away for an hour."""
    estate = an_estate(CODE)
    hours = {0: (time(7), time(19, 30)), 1: (time(19, 30), time(7))}
    split = [_at(shift, hours[n % 2]) for n, shift in enumerate(estate.shifts) if len(shift.roles) == 1]
    both = Shift(persons=("guard-3",), roles=("shift_leader", "guard"), start=time(19), end=time(23))
    night = Shift(persons=("control-1",), roles=("customer_assistant",), start=time(22), end=time(8))
    head = Shift(
        persons=("engineer-1",), roles=("department_head",), department="engineering", start=time(8), end=time(18)
    )
    away = Absence(person="gate-1", start=START + timedelta(minutes=2), end=START + timedelta(hours=1))
    return estate.model_copy(update={"shifts": (*split, both, night, head), "absences": (away,)})


def _at(shift: Shift, hours: tuple[time, time]) -> Shift:
    always: set[Role] = {"management_director", "security_supervisor", "service_head"}
    if set(shift.roles) & always:
        return shift
    return shift.model_copy(update={"start": hours[0], "end": hours[1]})
