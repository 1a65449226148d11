"""An estate's own rows on the packaged playbooks; a case keeps those it began with (docs/decisions/0012)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pydantic import ValidationError

from shared.contracts.vocabulary import Category
from shared.domain.playbooks.format import Playbook
from shared.domain.playbooks.override_rows import put
from shared.domain.playbooks.own_rows import Override
from shared.domain.same import Same


def overridden(book: Playbook, rows: Iterable[Override]) -> Playbook:
    """The playbook as the estate has it. A row that `override_mistakes` would refuse is left out.

    A row may have fitted the version it was written for: a case goes on by the packaged rule, and is not parked.
    """
    result = book
    for row in rows:
        if row.playbook == book.playbook and not put(book, row)[1]:
            result = put(result, row)[0]
    return result


def rows_text(rows: Sequence[Override], category: Category) -> str | None:
    """The estate's rows for this class as a case keeps them: canonical JSON, None where it has none."""
    mine = [row.model_dump(mode="json", exclude_defaults=True) for row in rows if row.playbook == category]
    return json.dumps(mine, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if mine else None


def under(book: Playbook, text: str | None) -> Playbook:
    """The same object for the same playbook and text, so that what is built from it is built once."""
    return book if text is None else _under(Same(book), text)


@lru_cache(maxsize=1024)
def _under(key: Same[Playbook], text: str) -> Playbook:
    return overridden(key.it, _rows(text))


def _rows(text: str) -> Iterator[Override]:
    """A row that this release cannot read any more is left out, too."""
    for raw in json.loads(text):
        try:
            yield Override.model_validate(raw)
        except ValidationError:
            continue
