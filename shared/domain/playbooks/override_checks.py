"""All that is wrong with what an estate sets otherwise, by section, row and field of its file."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.contracts.event import Words
from shared.contracts.vocabulary import Category
from shared.domain.playbooks.checking import check_step
from shared.domain.playbooks.format import Playbook, Playbooks, Waits
from shared.domain.playbooks.grading_checks import fields_of
from shared.domain.playbooks.limit_checks import NOTHING
from shared.domain.playbooks.loosening import is_fixed
from shared.domain.playbooks.override_rows import put
from shared.domain.playbooks.overriding import overridden
from shared.domain.playbooks.own_rows import Override, OwnWaits, write_duration
from shared.domain.playbooks.putting_off import waits_put_off


class Misfit(NamedTuple):
    """`row` counts from 1 within its section of the estate's file."""

    section: str
    row: int
    field: str
    words: Words


def override_mistakes(
    books: Playbooks, rows: Sequence[Override], waits: Sequence[OwnWaits] = ()
) -> tuple[Misfit, ...]:
    """Against the newest playbooks, which the next case begins with."""
    found = [*_alone(books, rows), *_twice(rows)]
    if not found:
        found += [
            misfit for category, book in books.by_category.items() for misfit in _together(book, category, rows)
        ]
    return (*found, *_waits(books, waits))


def _alone(books: Playbooks, rows: Sequence[Override]) -> Iterator[Misfit]:
    for n, row in enumerate(rows, start=1):
        book = books.by_category.get(row.playbook)
        if book is None:
            words = Words(zh=f"没有 {row.playbook} 的预案", en=f"there is no playbook {row.playbook}")
            yield Misfit("overrides", n, "playbook", words)
        else:
            yield from (Misfit("overrides", n, wrong.field, wrong.words) for wrong in put(book, row)[1])


def _twice(rows: Sequence[Override]) -> Iterator[Misfit]:
    """Two rows for one thing: nobody would know which counts."""
    seen: dict[tuple[str, ...], int] = {}
    for n, row in enumerate(rows, start=1):
        for field, thing in _things(row):
            first = seen.setdefault((row.playbook, row.step or row.notice or "", *thing), n)
            if first != n:
                words = Words(zh=f"第 {first} 行已经写过", en=f"row {first} says it already")
                yield Misfit("overrides", n, field, words)


def _things(row: Override) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key in sorted(row.said - {"playbook", "step", "notice", "limits", "grading"}):
        yield key, (key,)
    for clock in sorted({str(limit.get("clock")) for limit in row.limits}):
        yield "limits", ("limits", clock)
    for key in row.grading:
        yield f"grading.{key}", ("grading", key)


def _together(book: Playbook, category: Category, rows: Sequence[Override]) -> Iterator[Misfit]:
    """Two rows that each fit may not fit one another: one shortens the end, another lengthens the answer."""
    whole = overridden(book, rows)
    fields = fields_of(whole)
    touched = {row.step: n for n, row in enumerate(rows, start=1) if row.playbook == category and row.step}
    for step, n in touched.items():
        for path, text in check_step(whole.steps[step], whole, fields, None):
            words = Words(zh=f"与别的行合在一起不能成立:{text}", en=text)
            yield Misfit("overrides", n, str(path[0]) if path else "", words)


def _waits(books: Playbooks, waits: Sequence[OwnWaits]) -> Iterator[Misfit]:
    for n, row in enumerate(waits, start=1):
        if any(wait <= NOTHING for wait in row.waits):
            yield Misfit("waits", n, "waits", Words(zh="等待须长于零", en="a wait is longer than nothing"))
        if any((other.role, other.lane) == (row.role, row.lane) for other in waits[: n - 1]):
            zh, en = f"{row.role} {row.lane} 写了两行", f"a second row for {row.role}, {row.lane}"
            yield Misfit("waits", n, "role", Words(zh=zh, en=en))
        if _longer(books, row):
            zh, en = "依据为原文或政府规定,不能放宽", "the packaged waits are the source's: never longer"
            yield Misfit("waits", n, "waits", Words(zh=zh, en=en))
        elif bound := waits_put_off(_ladder(books, row), row):
            longest = write_duration(bound)
            zh = f"急事里此级最长 {longest}(预案的三倍,或下限)"
            en = f"in an emergency this rung waits {longest} at most: three times the playbook's, or the floor"
            yield Misfit("waits", n, "waits", Words(zh=zh, en=en))


def _ladder(books: Playbooks, row: OwnWaits) -> Waits | None:
    """The row that it takes the place of: a ladder missing for a lane has the other lane's."""
    known = any(waits.role == row.role for waits in books.waits)
    return books.ladder(row.role, row.lane) if known else None


def _longer(books: Playbooks, row: OwnWaits) -> bool:
    """On any rung, the last one repeating on either side."""
    ladder = _ladder(books, row)
    if ladder is None or not is_fixed(ladder.src):
        return False
    return any(row.at(rung) > ladder.at(rung) for rung in range(max(len(row.waits), len(ladder.waits))))
