"""What happened and what would happen now, side by side.

The same thing is the same task or notice, about the same task, to the same addressee, for the same time of several:
the second reminder stands beside the second reminder. What is left is looked for with another person of the role,
and a task with anybody; the rest stands alone.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from shared.domain.rehearsal.told import Told

Status = Literal["same", "earlier", "later", "somebody_else", "only_then", "only_now"]
STATUSES: tuple[Status, ...] = ("same", "earlier", "later", "somebody_else", "only_then", "only_now")


class Pair(NamedTuple):
    """`by`: how much later now than then; negative is earlier. `reworded`: told in other words."""

    status: Status
    then: Told | None
    now: Told | None
    by: timedelta = timedelta()
    reworded: bool = False

    @property
    def at(self) -> datetime:
        told = self.then or self.now
        assert told is not None
        return min(told.at, self.now.at) if self.now else told.at


_Key = Callable[[Told], Hashable]


def _exact(told: Told) -> Hashable:
    to = told.to
    return (told.cause, told.what, told.about, told.clock, to.role, to.post, to.person, to.department)


def _of_the_role(told: Told) -> Hashable:
    return (told.cause, told.what, told.about, told.clock, told.to.role)


def _the_task(told: Told) -> Hashable:
    """A notice to another role is another notice; a task is the same, whoever has it."""
    return (told.cause, told.what) if told.cause == "task" else (id(told),)


def align(then: Iterable[Told], now: Iterable[Told], tolerance: timedelta) -> list[Pair]:
    """In the order of time, whichever side is first. Differences up to the tolerance are none."""
    left, right = list(then), list(now)
    pairs: list[Pair] = []
    for key in (_exact, _of_the_role, _the_task):
        found, left, right = _matched(left, right, key)
        pairs += [_pair(a, b, tolerance) for a, b in found]
    pairs += [Pair("only_then", one, None) for one in left]
    pairs += [Pair("only_now", None, one) for one in right]
    return sorted(pairs, key=lambda pair: pair.at)


def _matched(
    left: list[Told], right: list[Told], key: _Key
) -> tuple[list[tuple[Told, Told]], list[Told], list[Told]]:
    """The n-th of a key beside the n-th of it."""
    waiting: dict[Hashable, list[Told]] = {}
    for told in reversed(right):
        waiting.setdefault(key(told), []).append(told)
    pairs: list[tuple[Told, Told]] = []
    rest: list[Told] = []
    for told in left:
        if beside := waiting.get(key(told)):
            pairs.append((told, beside.pop()))
        else:
            rest.append(told)
    over = {id(told) for some in waiting.values() for told in some}
    return pairs, rest, [told for told in right if id(told) in over]


def _pair(then: Told, now: Told, tolerance: timedelta) -> Pair:
    by = now.at - then.at
    reworded = then.words != now.words
    if _exact(then) != _exact(now):
        return Pair("somebody_else", then, now, by, reworded)
    if abs(by) <= tolerance:
        return Pair("same", then, now, by, reworded)
    return Pair("earlier" if by < timedelta() else "later", then, now, by, reworded)
