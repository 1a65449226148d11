"""The figures as tables for the service head: the reports, their return visits by quota, hand-ons by department."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from shared.domain.registering.paper import Cell, Paper
from shared.domain.registering.tally import MOMENTS
from shared.domain.registering.visits import MARKS

Row = dict[str, Any]
Kind = Literal["text", "count", "share", "span"]


class Figure(NamedTuple):
    """A column: where it stands in a line of the figures, its heading, and what its cells are."""

    path: tuple[str, ...]
    zh: str
    en: str
    kind: Kind


class Table(NamedTuple):
    """Headings, the kind of each column, and rows of cells."""

    name: str
    headings: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[Cell, ...], ...]


_GROUPS = {
    "estate": ("小区", "Estate"),
    "category": ("类别", "Class"),
    "department": ("部门", "Department"),
    "month": ("月份", "Month"),
}
_COUNTED = (
    Figure(("reports",), "宗数", "Reports", "count"),
    Figure(("open",), "未结", "Open", "count"),
    Figure(("overdue",), "超时", "Overdue", "count"),
    Figure(("overdue_share",), "超时率", "Overdue share", "share"),
    Figure(("overdue_now",), "现超时", "Overdue now", "count"),
)
_MOMENTS = {
    "task": ("派单", "Task"),
    "acknowledged": ("回应", "Acknowledged"),
    "arrived": ("到场", "Arrived"),
    "ended": ("办结", "Ended"),
}
_SPANS = {"p50": ("中位", "median"), "p90": ("九成", "p90"), "max": ("最长", "longest")}
_BESIDES = (
    Figure(("hand_ons",), "转交", "Hand-ons", "count"),
    Figure(("callers", "count"), "并入来电", "Callers", "count"),
    Figure(("callers", "answered"), "来电已答", "Callers answered", "count"),
    Figure(("return_visits", "cases"), "应回访", "To be visited", "count"),
    Figure(("return_visits", "visited"), "已回访", "Visited", "count"),
    *(Figure(("return_visits", "marks", mark), f"评价{mark}", f"Mark {mark}", "count") for mark in MARKS),
    Figure(("reopened",), "重新受理", "Reopened", "count"),
    Figure(("promoted",), "升为重大", "Promoted", "count"),
    Figure(("withdrawn",), "撤回", "Withdrawn", "count"),
    Figure(("carried_on",), "接续", "Carried on", "count"),
    Figure(("written_up",), "补录", "Written up", "count"),
    Figure(("drill_stopped",), "演习中止", "Drill stopped", "count"),
)
_TIMES = tuple(
    Figure(("seconds", moment, part), f"{_MOMENTS[moment][0]}({zh})", f"{_MOMENTS[moment][1]} ({en})", "span")
    for moment in MOMENTS
    for part, (zh, en) in _SPANS.items()
)
FIGURES = (*_COUNTED, *_TIMES, *_BESIDES)
_QUOTAS = (
    Figure(("step",), "回访步骤", "Visit", "text"),
    Figure(("quota",), "定额", "Quota", "share"),
    Figure(("cases",), "结案", "Cases", "count"),
    Figure(("visited",), "已回访", "Visited", "count"),
    Figure(("needed",), "须回访", "Needed", "count"),
    Figure(("met",), "达标", "Met", "text"),
)
_HAND_ONS = (
    Figure(("department",), "转出部门", "Handed on by", "text"),
    Figure(("count",), "次数", "Times", "count"),
)
_MET = {True: ("达标", "met"), False: ("未达标", "not met"), None: ("未定", "open")}


def figure_tables(figures: Row, paper: Paper, estates: Mapping[str, str]) -> tuple[Table, Table, Table]:
    """Three tables, each line beginning with what makes a line of the figures; `estates`: names by code."""
    groups, lines = figures["group_by"], figures["statistics"]
    of_visits = [(line, quota) for line in lines for quota in line["return_visits"]["quotas"]]
    of_hands = [
        (line, {"department": name, "count": count})
        for line in lines
        for name, count in line["hand_ons_by_department"].items()
    ]
    return (
        _table(("统计", "Figures"), groups, FIGURES, [(line, line) for line in lines], paper, estates),
        _table(("回访", "Return visits"), groups, _QUOTAS, of_visits, paper, estates),
        _table(("转交", "Hand-ons"), groups, _HAND_ONS, of_hands, paper, estates),
    )


def _table(
    name: tuple[str, str],
    groups: Sequence[str],
    figures: Sequence[Figure],
    lines: Iterable[tuple[Row, Row]],
    paper: Paper,
    estates: Mapping[str, str],
) -> Table:
    rows = [
        (
            *(_group(group, line[group], paper, estates) for group in groups),
            *(_cell(f, found, paper) for f in figures),
        )
        for line, found in lines
    ]
    headings = [*(paper.pick(*_GROUPS[group]) for group in groups), *(paper.pick(f.zh, f.en) for f in figures)]
    kinds: list[Kind] = ["text"] * len(groups)
    return Table(paper.pick(*name), tuple(headings), (*kinds, *(f.kind for f in figures)), tuple(rows))


def _group(group: str, value: str, paper: Paper, estates: Mapping[str, str]) -> str:
    """A department is one of the estate's, or a role."""
    if group == "estate":
        return estates.get(value, value)
    if group == "category":
        return paper.name("category", value)
    return _department(value, paper) if group == "department" else value


def _department(value: str, paper: Paper) -> str:
    return paper.departments.get(value) or paper.name("role", value)


def _cell(figure: Figure, line: Row, paper: Paper) -> Cell:
    """A share is a part of one, a span a length of time; nothing where nothing was measured."""
    value: Any = line
    for name in figure.path:
        value = value[name]
    if figure.path == ("met",):
        return paper.pick(*_MET[value])
    if figure.path == ("department",):
        return _department(value, paper)
    if value is None:
        return None
    if figure.path == ("quota",):
        return float(value) / 100
    return timedelta(seconds=round(value)) if figure.kind == "span" else _plain(value)


def _plain(value: Any) -> Cell:
    return value if isinstance(value, (int, float)) else str(value)
