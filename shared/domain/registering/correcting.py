"""Corrections on paper: the entry as it was first made, and a line below it for each correction (SOP S9)."""

from datetime import datetime
from typing import Any

from shared.domain.registering.paper import Paper

Row = dict[str, Any]

_FIELDS: dict[str, tuple[str, str, str | None]] = {
    "place": ("地点", "place", None),
    "patient_place": ("病人地点", "patient's place", None),
    "kind": ("种类", "kind", "kind"),
    "urgency": ("缓急", "urgency", "urgency"),
    "grade": ("级别", "grade", "grade"),
    "help": ("求助方式", "help", "help"),
    "appointment_at": ("预约时间", "appointment", None),
    "reporter": ("报事人", "reporter", None),
    "reporter_phone": ("联系电话", "phone", None),
    "patient_phone": ("病人电话", "patient's phone", None),
    "relation": ("与病人关系", "relation", None),
    "signs": ("危急征象", "signs", "sign"),
    "vulnerable": ("需特别照顾", "vulnerable", None),
    "text": ("内容", "content", None),
    "owner": ("归口", "owner", "role"),
    "linked_to": ("并入", "linked to", None),
    "to_report_id": ("并入", "linked to", None),
    "followed_by": ("由其接续", "carried on by", None),
    "by_report_id": ("由其接续", "carried on by", None),
    "clock": ("延长时限", "limit extended", "clock"),
    "until": ("延至", "until", None),
    "reason": ("理由", "reason", None),
    "why": ("原因", "why", None),
}
"""What is shown of a correction: its words, and whose code names its values are."""
_WHAT = {
    "amendment.withdrawn": ("撤回报事", "withdrawn"),
    "amendment.drill_stopped": ("中止演习", "drill stopped"),
}
_STATES = {"said": ("尚未处理", "not decided yet"), "refused": ("未受理", "refused")}
MARK = ("更正", "correction")


def as_entered(row: Row) -> Row:
    """The row before any correction, so that the first entry stands on paper as it was made."""
    first = dict(row)
    for entry in reversed(row.get("corrections", ())):
        first |= entry.get("was", {})
    return first


class Correction:
    """One correction in words; nothing to show where only what no entry has was changed, such as hand-ons."""

    def __init__(self, entry: Row, paper: Paper) -> None:
        self._entry, self._paper = entry, paper

    @property
    def at(self) -> datetime:
        at: datetime = self._entry["at"]
        return at

    def told(self) -> str:
        """`地点:3栋1201 → 3栋1202`; what was refused or is not decided says so."""
        entry, paper = self._entry, self._paper
        was = entry.get("was", {})
        what = [paper.pick(*_WHAT[entry["what"]])] if entry["what"] in _WHAT else []
        changes = [self._change(name, value, was) for name, value in self._shown()]
        return paper.list([*what, *changes])

    def state(self) -> str:
        state = _STATES.get(self._entry["state"])
        return self._paper.pick(*state) if state else ""

    def by(self) -> str:
        return self._paper.who(self._entry.get("by"))

    def _shown(self) -> list[tuple[str, Any]]:
        to = self._entry.get("to", {})
        if "linked_to" in to or "followed_by" in to:
            to = {name: value for name, value in to.items() if name not in ("to_report_id", "by_report_id")}
        return [(name, to[name]) for name in _FIELDS if name in to]

    def _change(self, name: str, value: Any, was: Row) -> str:
        zh, en, _ = _FIELDS[name]
        now = self._value(name, value)
        if name in was:
            now = f"{self._value(name, was[name])} → {now}"
        return self._paper.said(self._paper.pick(zh, en), now)

    def _value(self, name: str, value: Any) -> str:
        paper, kind = self._paper, _FIELDS[name][2]
        if value is None or value == "" or value == []:
            return paper.pick("(空)", "(blank)")
        if kind is None:
            return paper.value(value)
        values = value if isinstance(value, (list, tuple)) else [value]
        return paper.pick("、", ", ").join(paper.name(kind, one) for one in values)
