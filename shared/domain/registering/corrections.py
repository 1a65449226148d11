"""What was corrected, by whom and when: each correction is an entry, nothing is overwritten (SOP S9)."""

from typing import Any

Body = dict[str, Any]
Row = dict[str, Any]

_BY_DISPATCH = ("patient_phone", "urgency", "appointment_at")
DETAILS = (*_BY_DISPATCH, "reporter", "reporter_phone", "relation", "signs", "text", "vulnerable")
_CHANGED = (
    "help", "kind", "urgency", "appointment_at", "place", "place_short", "building", "patient_phone", "grade",
    "owner", "linked_to", "followed_by", "hand_ons", "ending",
)  # fmt: skip
_SAID: dict[str, tuple[str, ...]] = {
    "amendment.help_changed": ("help",),
    "amendment.place_corrected": ("place", "place_short", "building"),
    "amendment.details_corrected": DETAILS,
    "amendment.kind_corrected": ("kind",),
    "amendment.grade_changed": ("grade",),
    "amendment.linked": ("to_report_id",),
    "amendment.limit_extended": ("task_id", "clock", "until", "reason"),
    "amendment.withdrawn": ("reason",),
    "amendment.drill_stopped": ("for_report_id",),
    "report.followed": ("by_report_id",),
}
AMENDMENTS = frozenset(_SAID)


class Corrections:
    """Entries of one report by the event that asked for them; a fact of dispatch joins its cause's entry."""

    def __init__(self, row: Row, refused: frozenset[Any]) -> None:
        self._row, self._refused = row, refused
        self.entries: dict[Any, Row] = {}

    def said(self, body: Body) -> None:
        """A person's word; only details nobody has to decide about change the row at once."""
        kind, event_id = body["type"], body["event_id"]
        refused = event_id in self._refused
        entry = self._entry(body, "refused" if refused else "said", body.get("by"))
        entry["to"] = {name: body[name] for name in _SAID[kind] if body.get(name) is not None}
        if kind == "amendment.details_corrected" and not refused:
            self._apply(entry, {k: v for k, v in entry["to"].items() if k not in _BY_DISPATCH})

    def decided(self, body: Body, cause: Body | None) -> None:
        """Dispatch's fact: what of the report is different from now on, and by whose word."""
        changed = {name: body[name] for name in _CHANGED if body.get(name) is not None}
        if not changed:
            return
        entry = self.entries.get(body.get("because_of"))
        if entry is None:
            entry = self._entry(body, "taken", cause.get("by") if cause else None)
        entry["to"] = {**entry.get("to", {}), **changed}
        self._apply(entry, changed)

    def promoted(self, body: Body) -> None:
        """By the clock or by links, never by a person (SOP S8)."""
        self._entry(body, "taken", None)["to"] = {"grade": body["grade"], "why": body["why"]}

    def recorded(self, body: Body) -> None:
        """The patient's place may come with the record of a task, its end or a note (SOP S3.0)."""
        place = body.get("record", {}).get("patient_place")
        if place and place != self._row.get("patient_place"):
            entry = self._entry(body, "taken", body.get("by"))
            entry["to"] = {"patient_place": place}
            self._apply(entry, entry["to"])

    def _entry(self, body: Body, state: str, by: Any) -> Row:
        entry: Row = {"event_id": body["event_id"], "at": body["accepted_at"], "what": body["type"], "state": state}
        if by:
            entry["by"] = by
        self.entries[body["event_id"]] = entry
        return entry

    def _apply(self, entry: Row, values: Row) -> None:
        was = entry.setdefault("was", {})
        for name, value in values.items():
            was.setdefault(name, self._row.get(name))
            self._row[name] = value
        entry["state"] = "taken"
