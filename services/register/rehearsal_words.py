"""How the lines of a rehearsal are told, in Chinese and in English, in a terminal and on the page."""

from typing import Any

from shared.contracts.names import CLOCK, ROLE, Names

Plain = dict[str, Any]

STATUSES: Names = {
    "same": ("相同", "same"),
    "earlier": ("提前", "earlier"),
    "later": ("推后", "later"),
    "somebody_else": ("换人", "somebody else"),
    "only_then": ("不再通知", "only then"),
    "only_now": ("新增", "only now"),
}
CAUSES: Names = {
    "task": ("任务", "task"),
    "handed_over": ("转交", "handed over"),
    "notice": ("通知", "notice"),
    "rung": ("升级", "next rung"),
    "reminder": ("催办", "reminder"),
    "informed": ("知会", "informed"),
}
_REWORDED = ("措辞不同", "reworded")
_UNITS = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分", "min"))


def addressed(to: Plain, language: str) -> str:
    """The role, with the post, else the person's id in the roster: never a name."""
    role = ROLE[to["role"]][0 if language == "zh" else 1]
    who = to["post"] or to["person"]
    return f"{role} {who}" if who else role


def subject(told: Plain, language: str) -> str:
    """The task, or the notice and the task it speaks of, with the clock that rang."""
    clock = CLOCK[told["limit"]][0 if language == "zh" else 1] if told["limit"] else ""
    name = told["about"] if told["cause"] in ("rung", "reminder", "informed") else told["what"]
    return " ".join(filter(None, (name or told["what"], clock)))


def difference(row: Plain, language: str) -> str:
    at = 0 if language == "zh" else 1
    parts = [STATUSES[row["status"]][at]]
    if row["status"] in ("earlier", "later", "somebody_else") and row["by_s"]:
        sign = "-" if row["by_s"] < 0 else "+"
        parts.append(f"{sign}{duration(abs(row['by_s']), language)}")
    if row["reworded"]:
        parts.append(_REWORDED[at])
    return " ".join(parts)


def duration(seconds: float, language: str) -> str:
    """In the largest two units that say something."""
    left, parts = round(seconds), []
    for size, zh, en in _UNITS:
        if left >= size:
            parts.append(f"{left // size}{zh if language == 'zh' else en}")
            left %= size
    if left or not parts:
        parts.append(f"{left}{'秒' if language == 'zh' else 's'}")
    return " ".join(parts[:2]) if language == "en" else "".join(parts[:2])


def said_words(row: Plain, language: str) -> str:
    """As they would be told now; of what is told no more, as it was told."""
    told = row["now"] or row["then"]
    return str(told["words"][language]) if told["words"] else ""


def named(names: Names, language: str) -> dict[str, str]:
    return {code: pair[0 if language == "zh" else 1] for code, pair in names.items()}
