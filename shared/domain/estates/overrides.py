"""What an estate's file sets otherwise than the playbooks, against the playbooks: at the file's own lines."""

from collections.abc import Iterator

from shared.contracts.event import Words
from shared.domain.estates.lines import Lines
from shared.domain.estates.loading import Mistake
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.override_checks import Misfit, override_mistakes


def misfits(estate: Estate, text: str, file: str, books: Playbooks) -> tuple[Mistake, ...]:
    """All of them, in the order of the file; `text` is what the estate was read from."""
    found = [*override_mistakes(books, estate.overrides, estate.waits), *_departments(estate)]
    lines = Lines(text)
    return tuple(sorted({_mistake(file, lines, one) for one in found}, key=lambda m: (m.line or 0, m.field)))


def _mistake(file: str, lines: Lines, misfit: Misfit) -> Mistake:
    row = f"{misfit.section}#{misfit.row}"
    line = lines.find(misfit.section, misfit.row, misfit.field.partition(".")[0])
    return Mistake(file, line, ".".join(filter(None, (row, misfit.field))), misfit.words)


def _departments(estate: Estate) -> Iterator[Misfit]:
    known = {department.id for department in estate.departments}
    for n, row in enumerate(estate.overrides, start=1):
        named = [
            ("department", row.department),
            *((f"to.{m}", to.department) for m, to in enumerate(row.to, start=1)),
        ]
        for field, name in named:
            if name and name not in known:
                yield Misfit(
                    "overrides", n, field, Words(zh=f"没有这个部门:{name}", en=f"unknown department: {name}")
                )
