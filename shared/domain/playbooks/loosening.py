"""What an estate may not loosen: rows of the source (S) and of the government (G). F and own are defaults (SOP)."""

import re
from collections.abc import Sequence
from datetime import timedelta

from shared.domain.playbooks.format import Limit, Notice, Step

_NEVER_LOOSER = re.compile(r"\b[SG]\b", re.ASCII)
_RANKS = {"morning": 0, "routine": 1, "emergency": 2}


def is_fixed(src: str) -> bool:
    """Whether any of its marks says source or government, as in "own; S 及时": an estate may only be stricter."""
    return _NEVER_LOOSER.search(src) is not None


def loosened(packaged: Sequence[Limit], own: Sequence[Limit]) -> Limit | None:
    """The fixed row of a clock that the estate's rows would make longer; None when there is none.

    Rows are tried in order, so what stands before the strict one must stand there already, or be as strict.
    """
    for place, row in enumerate(packaged):
        if is_fixed(row.src) and not _kept(row, packaged[:place], own):
            return row
    return None


def _kept(row: Limit, before: Sequence[Limit], own: Sequence[Limit]) -> bool:
    known = [_rule(earlier) for earlier in before]
    for mine in own:
        if _no_longer(mine, row):
            return True
        if _rule(mine) not in known:
            return False
    return False


def _rule(row: Limit) -> Limit:
    return row.model_copy(update={"src": ""})


def _no_longer(mine: Limit, row: Limit) -> bool:
    """Counted from the same instant and on no slower a calendar, with nothing later than it was."""
    if (mine.after, mine.field, mine.carried) != (row.after, row.field, row.carried):
        return False
    if mine.calendar == "working" and row.calendar == "wall":
        return False
    bounds = ((mine.at_most, row.at_most), (mine.repeat, row.repeat))
    return all(new is not None and new <= old for new, old in bounds if old is not None) and _shorter(mine, row)


def _shorter(mine: Limit, row: Limit) -> bool:
    new, old = mine.value, row.value
    if isinstance(new, dict) and isinstance(old, dict):
        return mine.by == row.by and all(word in new and new[word] <= value for word, value in old.items())
    if isinstance(new, dict):
        return False
    least = min(old.values()) if isinstance(old, dict) else old
    return (new or timedelta()) <= (least or timedelta())


def fewer_people(step: Step, own: Step) -> bool:
    """Whether a step of the source or the government would have fewer; every post counts as many."""
    if not is_fixed(step.src) or own.count == "each":
        return False
    return step.count == "each" or own.count < step.count


def maybe_fewer(step: Step, own: Step) -> bool:
    """Whether "each" takes the place of a number: where one post is held it would be one."""
    return own.count == "each" and step.count not in ("each", 1)


def told_less(notice: Notice, own: Notice) -> bool:
    """Somebody left out, or told less urgently."""
    left_out = any(to not in own.to for to in notice.to)
    return is_fixed(notice.src) and (left_out or _RANKS[own.urgency] < _RANKS[notice.urgency])
