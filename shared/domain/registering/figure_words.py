"""Tables of figures as a page shows them: what is nought everywhere is left out, spans in units people say."""

from datetime import timedelta

from shared.domain.registering.figure_tables import Kind, Table
from shared.domain.registering.paper import Cell, Paper

_UNITS = (
    (timedelta(days=2), timedelta(days=1), ("天", " d")),
    (timedelta(hours=2), timedelta(hours=1), ("小时", " h")),
    (timedelta(minutes=2), timedelta(minutes=1), ("分", " min")),
)
_ALWAYS = 4
"""Of the columns with figures so many stand also where they are nought: reports, open, overdue and its share."""


def worded(table: Table, paper: Paper) -> Table:
    """The same table in words, without columns that say nothing."""
    first = next((place for place, kind in enumerate(table.kinds) if kind != "text"), len(table.kinds))
    kept = [
        place
        for place in range(len(table.headings))
        if place < first + _ALWAYS or any(row[place] for row in table.rows)
    ]
    return Table(
        table.name,
        tuple(table.headings[place] for place in kept),
        tuple(table.kinds[place] for place in kept),
        tuple(tuple(shown(row[place], table.kinds[place], paper) for place in kept) for row in table.rows),
    )


def shown(cell: Cell, kind: Kind, paper: Paper) -> str:
    """`45秒`, `12分`, `5.5小时`, `3天`, `25%`; nothing where nothing was measured."""
    if cell is None:
        return ""
    if kind == "share" and isinstance(cell, float):
        return f"{cell:.0%}"
    if not isinstance(cell, timedelta):
        return str(cell)
    for least, unit, words in _UNITS:
        if cell >= least:
            return f"{round(cell / unit, 1):g}{paper.pick(*words)}"
    return f"{cell.total_seconds():.0f}{paper.pick('秒', ' s')}"
