"""How far an estate may put off a limit in an emergency, and that none of the playbook's clocks is taken away.

`F` and `own` are defaults, but whoever waits in an emergency is heard of soon whatever the estate writes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from shared.contracts.vocabulary import EMERGENCY_KINDS, Category, Clock, Lane, lane_of
from shared.domain.playbooks.format import Limit, Waits
from shared.domain.playbooks.own_rows import OwnWaits

TIMES = 3
"""A larger estate has longer ways; three times the playbook's is another procedure."""
FLOORS: dict[Clock, timedelta] = {
    "ack": timedelta(minutes=10),
    "arrive": timedelta(minutes=30),
    "finish": timedelta(minutes=30),
}
"""So long it may be even where the playbook's is short, or where it has none: half an hour is how often an open
task is asked for anyway, and after ten minutes without an answer nobody can be taken to have heard."""
_SURE = frozenset({"sent", "report"})
_NONE = timedelta()


class _Way(NamedTuple):
    """One row in one lane, under one word of its `by`; an unconditional row has neither."""

    row: Limit
    by: str | None
    word: str | None
    value: timedelta | None

    @property
    def start(self) -> tuple[str, str | None, bool]:
        return self.row.after, self.row.field, self.row.carried

    @property
    def said(self) -> tuple[str | None, str | None]:
        return self.by, self.word


def lanes_of(category: Category) -> frozenset[Lane]:
    """The lanes that reports of the class may be in."""
    return frozenset(lane_of(category, kind) for kind in (None, *EMERGENCY_KINDS.get(category, ())))


# ---- taken away --------------------------------------------------------------------


def left_out(packaged: Sequence[Limit], own: Sequence[Limit], lane: Lane) -> bool:
    """Whether the estate's rows of a clock would not count in the lane where the playbook's do."""
    if any(_settles(row, lane) for row in own):
        return False
    mine = _ways(own, lane)
    return any(not any(_covers(one, way) for one in mine) for way in _ways(packaged, lane))


def _covers(mine: _Way, way: _Way) -> bool:
    return mine.start == way.start and (mine.by is None or mine.said == way.said)


def _ways(rows: Iterable[Limit], lane: Lane) -> list[_Way]:
    """As far as the row behind which none is reached."""
    found: list[_Way] = []
    for row in rows:
        found += _of_row(row, lane)
        if _settles(row, lane):
            break
    return found


def _of_row(row: Limit, lane: Lane) -> Iterator[_Way]:
    if not isinstance(row.value, dict):
        yield _Way(row, None, None, row.value)
    elif row.by == "lane":
        yield from (_Way(row, None, None, value) for word, value in row.value.items() if word == lane)
    else:
        yield from (_Way(row, row.by, word, value) for word, value in row.value.items())


def _settles(row: Limit, lane: Lane) -> bool:
    if row.after not in _SURE or row.field is not None or row.carried:
        return False
    if not isinstance(row.value, dict):
        return row.value is not None
    return lane in row.value if row.by == "lane" else row.by == "on_duty" and {"yes", "no"} <= set(row.value)


# ---- put off -----------------------------------------------------------------------


def put_off(packaged: Sequence[Limit], own: Sequence[Limit]) -> timedelta | None:
    """The longest that the first row of the estate which is too long in an emergency may say; None when none is.

    Measured by the playbook's row with the same start and word, else by the shortest of the clock.
    """
    known = _ways(packaged, "emergency")
    bounds = (_exceeded(way, known) for way in _ways(own, "emergency"))
    return next((bound for bound in bounds if bound is not None), None)


def _exceeded(mine: _Way, known: Sequence[_Way]) -> timedelta | None:
    """A date that people write down is any date: only where the playbook waits for it too, or up to `at_most`."""
    clock = mine.row.clock
    same = [way for way in known if way.start == mine.start]
    plain = [way.value for way in known if way.row.field is None]
    again = _bound("ack", (way.row.repeat for way in known))
    if mine.row.repeat is not None and mine.row.repeat > again:
        return again
    if mine.row.field is not None and not same:
        bound = _bound(clock, plain)
        return bound if mine.row.at_most is None or mine.row.at_most > bound else None
    latest = [way.row.at_most for way in same if way.row.at_most is not None]
    if latest and (mine.row.at_most is None or mine.row.at_most > _bound(clock, latest)):
        return _bound(clock, latest)
    bound = _bound(clock, [way.value for way in same if way.said == mine.said] or [w.value for w in same] or plain)
    return bound if (mine.value or _NONE) > bound else None


def _bound(clock: Clock, values: Iterable[timedelta | None]) -> timedelta:
    return max(FLOORS[clock], TIMES * min((value or _NONE for value in values), default=_NONE))


def waits_put_off(packaged: Waits | None, own: OwnWaits) -> timedelta | None:
    """The same of a ladder's waits, rung by rung, as of an acknowledgement."""
    rungs = range(max(len(own.waits), len(packaged.waits) if packaged else 0))
    bounds = ((own.at(rung), _bound("ack", [packaged.at(rung)] if packaged else [])) for rung in rungs)
    return next((bound for wait, bound in bounds if own.lane == "emergency" and wait > bound), None)
