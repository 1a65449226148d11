"""Hand-overs as the register shows them: what was given, and who signed for it."""

from collections.abc import Iterable
from typing import Any

Body = dict[str, Any]
Row = dict[str, Any]

TYPES = ("handover.given", "handover.taken")


def handovers(bodies: Iterable[Body]) -> list[Row]:
    """Newest first. The first signature counts that is not the giver's own, as far as both are known."""
    known = sorted(bodies, key=lambda body: (body["accepted_at"], body["event_id"]))
    given = {body["event_id"]: _given(body) for body in known if body["type"] == "handover.given"}
    for body in known:
        row = given.get(body["given"]) if body["type"] == "handover.taken" else None
        if row is not None and row["taken_at"] is None and not _by_the_giver(row, body):
            row |= {"taken_at": body["accepted_at"], "taken_by": body["by"], "taken_note": body.get("note") or ""}
    return list(reversed(given.values()))


def _given(body: Body) -> Row:
    return {
        "event_id": body["event_id"],
        "given_at": body["accepted_at"],
        "given_by": body["by"],
        "items": list(body.get("items") or ()),
        "note": body.get("note") or "",
        "taken_at": None,
        "taken_by": None,
        "taken_note": "",
    }


def _by_the_giver(row: Row, body: Body) -> bool:
    person = row["given_by"].get("person")
    return person is not None and person == body["by"].get("person")
