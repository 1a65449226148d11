"""The register's last column, 备注: what is out of the ordinary about a report, in both languages."""

from typing import Any

Row = dict[str, Any]
Told = dict[str, str]

OWN_ROWS = ("按本小区自定规则办理", "by the estate's own rules")
_MARKS = {"drill": ("演习", "drill"), "written_up": ("补录", "written up afterwards"), "overrides": OWN_ROWS}
_LINKS = {
    "follows": ("接续", "carries on"),
    "followed_by": ("由其接续:", "carried on by"),
    "linked_to": ("并入", "linked to"),
    "same_event_as": ("同一事件:", "one event with"),
}
_CALLERS = ("另有{}人报同一事件", "{} more callers about the same event")
_STOPPED = ("演习中止", "drill stopped")
_NO_DAYS = "no_working_days_"


def remarks(row: Row) -> list[Told]:
    """Marks, links, what was taken for granted, and people's notes as they wrote them."""
    told = [words for name, words in _MARKS.items() if row.get(name)]
    told += [_STOPPED] if row["state"] == "drill_stopped" else []
    told += [(f"{zh}{row[name]}", f"{en} {row[name]}") for name, (zh, en) in _LINKS.items() if row.get(name)]
    told += [(_CALLERS[0].format(n), _CALLERS[1].format(n))] if (n := row.get("callers")) else []
    told += [assumption(code) for code in _assumed(row)]
    told += [(note["note"], note["note"]) for note in row.get("notes", ()) if note["note"]]
    return [{"zh": zh, "en": en} for zh, en in told]


def assumption(code: str) -> tuple[str, str]:
    """What a limit had to take for granted, in words; a code this reader does not know stands as it is."""
    year = code.removeprefix(_NO_DAYS)
    if year == code:
        return code, code
    return (
        f"{year}年工作日尚未公布,按自然时间计",
        f"working days of {year} not announced yet: counted on the wall clock",
    )


def _assumed(row: Row) -> list[str]:
    return list(dict.fromkeys(code for task in row.get("tasks", ()) for code in task.get("assumed", ())))
