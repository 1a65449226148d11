"""A part of an estate's row read by its model, and what is wrong with it: in both languages, by the row's field."""

from typing import NamedTuple

from pydantic import JsonValue

from shared.contracts.event import Words
from shared.domain.playbooks.mistakes import Source
from shared.domain.playbooks.reading import AnyRow, read_row

_NOWHERE = Source("", ())


class Wrong(NamedTuple):
    """`field` within the row, counted from 1 as in `limits.2`."""

    field: str
    words: Words


def read_part(
    content: dict[str, JsonValue], row: type[AnyRow], field: str, place: int | None = None
) -> tuple[AnyRow | None, list[Wrong]]:
    """The part, or one `Wrong` for each field that does not fit; `place` counts rows from nought."""
    name = field if place is None else f"{field}.{place + 1}"
    found, mistakes = read_row(_NOWHERE, None, content, row)
    return found, [Wrong(name, Words(zh=f"写得不对:{m.text}", en=m.text)) for m in mistakes]
