"""The form of the 《报事报修登记表》 (SOP S9): one table of columns, the cells of a report and its corrections."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from shared.domain.registering.columns import COLUMNS, entries
from shared.domain.registering.correcting import MARK, Correction, as_entered
from shared.domain.registering.masking import masked
from shared.domain.registering.paper import Cell, Paper

Row = dict[str, Any]
Kind = Literal["text", "time"]


class FormColumn(NamedTuple):
    """`width` in millimetres on an A4 sheet across, `write`: the cell of what stands in the register."""

    id: str
    kind: Kind
    width: float
    write: Callable[[Any, Paper], Cell]


class Line(NamedTuple):
    """One line of the form; `correction`: it belongs to the report above it."""

    correction: bool
    cells: tuple[Cell, ...]


def lines(row: Row, number: Row | None, paper: Paper) -> list[Line]:
    """The report as it was entered, and below it each correction as an entry of its own (SOP S9)."""
    said, corrections = entries(as_entered(row), number), row.get("corrections", [])
    if row.get("written_up") and row.get("happened_at"):
        said["remark"] = [*said["remark"], _happened(row, paper)]
    if paper.hidden:
        said, corrections = masked(said), masked(corrections)
    first = Line(False, tuple(column.write(said[column.id], paper) for column in FORM))
    told = [Correction(entry, paper) for entry in corrections]
    return [first, *(_below(one, said["no"], paper) for one in told if one.told())]


def headings(paper: Paper) -> tuple[str, ...]:
    return tuple(paper.pick(column.zh, column.en) for column in COLUMNS)


def _below(correction: Correction, no: str | None, paper: Paper) -> Line:
    """In the columns of the form: when in `received_at`, what it was and is in `content`, who in `received_by`."""
    cells: dict[str, Cell] = {
        "no": f"{no or ''} {paper.pick(*MARK)}".strip(),
        "received_at": paper.time(correction.at),
        "content": correction.told(),
        "received_by": correction.by(),
        "remark": correction.state() or None,
    }
    return Line(True, tuple(cells.get(column.id) for column in FORM))


def _happened(row: Row, paper: Paper) -> dict[str, str]:
    at = paper.clock(row["happened_at"])
    return {"zh": f"发生于 {at}", "en": f"happened at {at}"}


def _text(value: Any, paper: Paper) -> Cell:
    return str(value) if value not in (None, "") else None


def _time(value: Any, paper: Paper) -> Cell:
    return paper.time(value)


def _channel(value: Any, paper: Paper) -> Cell:
    return paper.name("channel", value) if value else None


def _class(value: Row, paper: Paper) -> Cell:
    """Class and kind, then what is urgent about it."""
    kinds = (("category", "category"), ("kind", "kind"), ("lane", "lane"), ("urgency", "urgency"))
    names = [paper.name(kind, value[field]) for field, kind in (*kinds, ("grade", "grade"), ("weather", "weather"))
             if value.get(field)]  # fmt: skip
    return " · ".join(names) or None


def _who(value: Row | None, paper: Paper) -> Cell:
    return paper.who(value) or None


def _dispatched(value: list[Row], paper: Paper) -> Cell:
    return paper.list(f"{paper.who(task['to'])} {paper.short_clock(task['at'])}" for task in value) or None


def _result(value: Row | None, paper: Paper) -> Cell:
    if value is None:
        return None
    record = paper.record(value["step"], value.get("record") or {})
    return paper.list([paper.name("outcome", value["outcome"]), record]) or None


def _signature(value: Any, paper: Paper) -> Cell:
    return paper.pick("已签字", "signed") if value is True else _text(value, paper)


def _visit(value: Row | None, paper: Paper) -> Cell:
    """Date, A, B or C, who came; and how it ended."""
    if value is None:
        return None
    said = (paper.short_clock(value["at"]), value.get("visit_mark"), value.get("visitor"))
    visited = value.get("person_visited")
    words = paper.said(paper.pick("受访", "visited"), str(visited)) if visited else None
    return paper.list(
        [" ".join(str(part) for part in said if part), words, paper.name("outcome", value["outcome"])]
    )


def _remark(value: list[Row], paper: Paper) -> Cell:
    return paper.list(words[paper.language] for words in value) or None


FORM = (
    FormColumn("no", "text", 15.5, _text),
    FormColumn("received_at", "time", 12.5, _time),
    FormColumn("channel", "text", 8.5, _channel),
    FormColumn("reporter", "text", 10.5, _text),
    FormColumn("room", "text", 12, _text),
    FormColumn("phone", "text", 15, _text),
    FormColumn("place", "text", 15, _text),
    FormColumn("content", "text", 30, _text),
    FormColumn("class", "text", 14, _class),
    FormColumn("appointment", "time", 12.5, _time),
    FormColumn("received_by", "text", 12.5, _who),
    FormColumn("dispatched", "text", 22, _dispatched),
    FormColumn("accepted_at", "time", 12.5, _time),
    FormColumn("arrived_at", "time", 12.5, _time),
    FormColumn("finished_at", "time", 12.5, _time),
    FormColumn("result", "text", 24, _result),
    FormColumn("signature", "text", 10, _signature),
    FormColumn("return_visit", "text", 14, _visit),
    FormColumn("remark", "text", 15.5, _remark),
)
"""281 mm in all, in the order of `COLUMNS`."""
