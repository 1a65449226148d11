"""What became of something that a person said: taken, refused, or not decided yet."""

from typing import Any
from uuid import UUID

Body = dict[str, Any]

_DECIDED = ("task.", "report.opened", "report.changed", "report.closed", "report.reopened")


def status_of(event_id: UUID, bodies: list[Body]) -> Body:
    """`received` until dispatch has said something because of it; what changes nothing stays so.

    The same id sent again with other content is refused by a fact, but what was taken first stays taken.
    """
    if any(b.get("because_of") == event_id and b["type"].startswith(_DECIDED) for b in bodies):
        return {"status": "taken"}
    refusal = next((b for b in bodies if b["type"] == "reply.refused" and b["refused"] == event_id), None)
    if refusal is not None:
        return {"status": "refused", "reason": refusal["reason"], "words": refusal["words"]}
    return {"status": "received"}
