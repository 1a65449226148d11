"""What one playbook says otherwise than another, row by row, with its clause and where it comes from."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple, get_args

from pydantic import BaseModel

from shared.contracts.vocabulary import Clock
from shared.domain.playbooks.format import Grading, Limit, Notice, Playbook, Step, Waits
from shared.domain.playbooks.own_rows import OwnWaits, write_duration

NOTHING = "-"
_APART = frozenset({"limits", "src", "id"})
_HEAD = ("version", "common", "zh", "en", "owner", "default_form", "recording_step", "always")


class Difference(NamedTuple):
    """`of`: step, notice, or empty for the playbook itself. `src`: the marks of the old row and of the new one."""

    of: str
    clause: tuple[str, ...]
    what: str
    old: str
    new: str
    src: tuple[str, str] = ("", "")


def differences(old: Playbook, new: Playbook) -> list[Difference]:
    """The head first, then steps and notices in their order; rows that only one of them has, too."""
    found = list(_fields(old, new, _HEAD, ""))
    found += _fields(old.grading, new.grading, tuple(Grading.model_fields), "grading.")
    for name in dict.fromkeys((*old.steps, *new.steps)):
        found += _row(old.steps.get(name), new.steps.get(name))
    for name in dict.fromkeys((*old.notices, *new.notices)):
        found += _row(old.notices.get(name), new.notices.get(name))
    return found


def wait_differences(old: Iterable[Waits], new: Iterable[Waits | OwnWaits]) -> list[Difference]:
    """Ladders whose waits are others; a ladder that `new` does not name stays as it was."""
    known = {(row.role, row.lane): row for row in old}
    found: list[Difference] = []
    for row in new:
        before = known.get((row.role, row.lane))
        if before is None or before.waits != row.waits:
            said = shown(before.waits) if before else NOTHING
            src = (before.src if before else "", row.src)
            found.append(Difference(f"{row.role} {row.lane}", (), "waits", said, shown(row.waits), src))
    return found


def _row(old: Step | Notice | None, new: Step | Notice | None) -> Iterator[Difference]:
    row = new or old
    if row is None:
        return
    src = (old.src if old else "", new.src if new else "")
    if old is None or new is None:
        yield Difference(row.id, row.clause, "", row.en if old else NOTHING, row.en if new else NOTHING, src)
        return
    names = tuple(name for name in type(row).model_fields if name not in _APART)
    for one in _fields(old, new, names, ""):
        yield one._replace(of=row.id, clause=row.clause, src=src)
    if isinstance(old, Step) and isinstance(new, Step):
        yield from _limits(old, new)


def _limits(old: Step, new: Step) -> Iterator[Difference]:
    for clock in get_args(Clock):
        before, after = _of(clock, old), _of(clock, new)
        if before != after:
            src = (_sources(before), _sources(after))
            texts = (limits_text(before), limits_text(after))
            yield Difference(new.id, new.clause, clock, *texts, src)


def _of(clock: Clock, step: Step) -> tuple[Limit, ...]:
    return tuple(row for row in step.limits if row.clock == clock)


def _sources(rows: Sequence[Limit]) -> str:
    return " / ".join(dict.fromkeys(row.src for row in rows))


def _fields(old: BaseModel, new: BaseModel, names: Sequence[str], prefix: str) -> Iterator[Difference]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Difference("", (), prefix + name, shown(before), shown(after))


# ---- words ---------------------------------------------------------------------


def limits_text(rows: Sequence[Limit]) -> str:
    """The rows of one clock, in the order in which they are tried."""
    return "; ".join(map(_limit_text, rows)) or NOTHING


def _limit_text(row: Limit) -> str:
    if row.carried:
        return "carried"
    said = shown(row.value) if row.value is not None else ""
    parts = [f"{row.by}:" if row.by else "", row.field or "", said]
    parts += [f"after {row.after}" if row.after != "sent" and not row.field else ""]
    parts += [f"at most {write_duration(row.at_most)} after {row.after}" if row.at_most is not None else ""]
    parts += ["(working days)" if row.calendar == "working" else ""]
    parts += [f"again every {write_duration(row.repeat)}" if row.repeat is not None else ""]
    return " ".join(filter(None, parts))


def shown(value: object) -> str:
    """Code names and durations as files write them, the same in both languages."""
    if value is None or value == () or value == {}:
        return NOTHING
    if isinstance(value, timedelta):
        return write_duration(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(one)}" for key, one in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(shown, value))
    if isinstance(value, BaseModel):
        return json.dumps(value.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
    return str(value)
