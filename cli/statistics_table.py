"""The figures as a table that fits a terminal: one line a group, times as p50 / p90 / longest."""

from typing import Any

from rich.table import Table
from rich.text import Text

from cli.language import Language

Figures = dict[str, Any]

_GROUPS = {
    "estate": ("小区", "estate"),
    "category": ("类别", "class"),
    "department": ("部门", "department"),
    "month": ("月份", "month"),
}
_HEADS = (
    ("宗数", "reports"),
    ("未结", "open"),
    ("超时", "overdue"),
    ("派单", "task"),
    ("回应", "acknowledged"),
    ("到场", "arrived"),
    ("办结", "ended"),
    ("转交", "hand-ons"),
    ("来电已答", "callers answered"),
    ("回访 A/B/C", "visits A/B/C"),
    ("其他", "besides"),
)
_BESIDES = {
    "reopened": ("重新受理", "reopened"),
    "promoted": ("升级", "promoted"),
    "withdrawn": ("撤回", "withdrawn"),
    "carried_on": ("接续", "carried on"),
    "written_up": ("补录", "written up"),
    "drill_stopped": ("演习中止", "drill stopped"),
}
_UNITS = ((86_400 * 2, 86_400, "d"), (7_200, 3_600, "h"), (120, 60, "m"))
_MET = {True: ("达标", "met"), False: ("未达标", "not met"), None: ("未定", "open")}


def head_line(figures: Figures, said: Language) -> Text:
    """Over what time, and whether these are drills."""
    times = f"{figures['from']:%Y-%m-%d %H:%M} – {figures['to']:%Y-%m-%d %H:%M} UTC"
    drills = {"zh": " · 演习", "en": " · drills"}[said] if figures["drills"] else ""
    legend = {"zh": "时间为中位/九成/最长", "en": "times are p50/p90/longest"}[said]
    return Text.assemble((times + drills, "bold"), "  ", (legend, "dim"))


def table(figures: Figures, said: Language) -> Table:
    """One line a group; what is nought or was not measured is left out."""
    place = 0 if said == "zh" else 1
    made = Table(box=None, pad_edge=False, header_style="dim")
    for name in figures["group_by"]:
        made.add_column(_GROUPS[name][place], no_wrap=True)
    for heads in _HEADS:
        made.add_column(heads[place], overflow="fold")
    for line in figures["statistics"]:
        made.add_row(*(line[name] for name in figures["group_by"]), *_cells(line, place))
    return made


def short(seconds: float | None) -> str:
    """`45s`, `12m`, `5.5h`, `3d`; nothing where nothing was measured."""
    if seconds is None:
        return ""
    for least, unit, letter in _UNITS:
        if seconds >= least:
            return f"{round(seconds / unit, 1):g}{letter}"
    return f"{seconds:.0f}s"


def _cells(line: Figures, place: int) -> list[str]:
    share = f" ({line['overdue_share']:.0%})" if line["overdue"] else ""
    besides = [f"{_BESIDES[name][place]} {line[name]}" for name in _BESIDES if line[name]]
    callers = line["callers"]
    return [
        str(line["reports"]),
        str(line["open"] or ""),
        f"{line['overdue'] or ''}{share}",
        *(_times(line["seconds"][moment]) for moment in ("task", "acknowledged", "arrived", "ended")),
        _hand_ons(line),
        f"{callers['answered']}/{callers['count']}" if callers["count"] else "",
        _visits(line["return_visits"], place),
        ", ".join(besides),
    ]


def _times(spread: Figures) -> str:
    return "/".join(short(spread[name]) for name in ("p50", "p90", "max")) if spread["count"] else ""


def _hand_ons(line: Figures) -> str:
    by = " ".join(f"{name} {count}" for name, count in line["hand_ons_by_department"].items())
    return f"{line['hand_ons']} ({by})" if by else str(line["hand_ons"] or "")


def _visits(visits: Figures, place: int) -> str:
    """`7/10 (6 met) 5/1/1`: visited of done cases, how many the quota needs, and the marks."""
    if not visits["cases"]:
        return ""
    needed = sum(quota["needed"] or 0 for quota in visits["quotas"])
    quota = f" ({needed} {_MET[visits['met']][place]})" if needed else ""
    marks = "/".join(str(count) for count in visits["marks"].values())
    return f"{visits['visited']}/{visits['cases']}{quota} {marks}"
