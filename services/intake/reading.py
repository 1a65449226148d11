"""From bytes to a command; a mistake of form is answered with every field named."""

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.intake.lenience import Read, read_emergency
from services.intake.problems import Refusal
from services.intake.wording import fields, shaped, words
from shared.contracts.commands import AmendmentRequest, HandoverRequest, ReplyRequest, ReportRequest
from shared.contracts.vocabulary import CATEGORIES, KINDS, Lane, lane_of

T = TypeVar("T")

REPORT: TypeAdapter[ReportRequest] = TypeAdapter(ReportRequest)
REPLY: TypeAdapter[ReplyRequest] = TypeAdapter(ReplyRequest)
AMENDMENT: TypeAdapter[AmendmentRequest] = TypeAdapter(AmendmentRequest)
HANDOVER: TypeAdapter[HandoverRequest] = TypeAdapter(HandoverRequest)


def read_said(adapter: TypeAdapter[T], body: bytes) -> T:
    """A reply or an amendment: 422 that names every field, or 400 where it is no JSON at all."""
    try:
        return adapter.validate_json(body)
    except ValidationError as wrong:
        raise _refused(wrong, tagged=True) from wrong


def read_report(body: bytes) -> Read:
    """Routine: as strict as any. Emergency: only the class has to be readable (SOP S3.0)."""
    try:
        return Read(REPORT.validate_json(body))
    except ValidationError as wrong:
        content = _any_json(body)
        if not isinstance(content, dict) or _lane(content) != "emergency":
            raise _refused(wrong, tagged=False) from wrong
    return read_emergency(content)


def _refused(wrong: ValidationError, *, tagged: bool) -> Refusal:
    errors = wrong.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Refusal(400, "not-json", words("请核对后重发", "Check it and send again"))
    # Without the union's tag, and one mistake a field however many alternatives were tried.
    first = {(e["loc"][1:3] if tagged else e["loc"][:2]): e for e in reversed(errors)}
    return fields([shaped(e, path) for path, e in reversed(first.items())])


def _any_json(body: bytes) -> Any:
    """JSON of a client that minds neither UTF-8 nor lone surrogates; None where it is none."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return json.loads(body.decode(encoding))
        except (ValueError, RecursionError):
            continue
    return None


def _lane(content: dict[str, Any]) -> Lane | None:
    category, kind = content.get("category"), content.get("kind")
    if category not in CATEGORIES:
        return None
    return lane_of(category, kind if isinstance(kind, str) and kind in KINDS.get(category, ()) else None)
