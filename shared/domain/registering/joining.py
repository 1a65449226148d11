"""Which reports a person linked to this one: forty callers, one event (SOP S8)."""

from collections.abc import Iterable
from typing import Any

Body = dict[str, Any]
Row = dict[str, Any]


def joined(said: Iterable[Body]) -> Row:
    """Each report once, by the latest word about it; nothing where nobody was linked."""
    by_report: dict[str, Row] = {}
    for body in said:
        if body["type"] == "report.joined":
            names = ("household", "drill")
            entry = {"report_id": body["by_report_id"], "at": body["accepted_at"], "by": body["by"]["role"]}
            entry |= {name: body[name] for name in names if body.get(name) is not None}
            by_report[body["by_report_id"]] = entry
    return {"joined": list(by_report.values()), "callers": len(by_report)} if by_report else {}
