"""The OpenAPI 3.1 document of intake, from the same models that read the requests."""

import json
from typing import Any

from pydantic import TypeAdapter

from services.intake.reading import AMENDMENT, HANDOVER, REPLY, REPORT
from shared.contracts.commands import Problem, ReportAccepted, SaidAccepted

_REF = "#/components/schemas/{model}"
_REFUSALS = {
    "400": "not JSON, or nested too deeply",
    "401": "missing or unknown key",
    "403": "the key may not speak for that role",
    "404": "no such report, task or estate, or another estate's",
    "408": "the body did not arrive in time",
    "413": "body too large",
    "415": "not application/json",
    "422": "fields to correct, each named; or an Idempotency-Key used with other content",
    "503": "not taken in: phone; Retry-After says when to try again",
}


def document() -> bytes:
    """As bytes, made once a process."""
    schemas: dict[str, Any] = {}
    report = _schema("ReportRequest", REPORT, "validation", schemas)
    reply = _schema("ReplyRequest", REPLY, "validation", schemas)
    amendment = _schema("AmendmentRequest", AMENDMENT, "validation", schemas)
    handover = _schema("HandoverRequest", HANDOVER, "validation", schemas)
    filed = _schema("ReportAccepted", TypeAdapter(ReportAccepted), "serialization", schemas)
    said = _schema("SaidAccepted", TypeAdapter(SaidAccepted), "serialization", schemas)
    _schema("Problem", TypeAdapter(Problem), "serialization", schemas)
    paths = {
        "/v1/reports": _post("File a report", "fileReport", report, filed, None),
        "/v1/tasks/{task_id}/replies": _post("Answer a task", "replyToTask", reply, said, "task_id"),
        "/v1/reports/{report_id}/amendments": _post(
            "Amend, link or withdraw a report, or stop a drill", "amendReport", amendment, said, "report_id"
        ),
        "/v1/estates/{code}/handovers": _post(
            "Give or take the desk's hand-over", "handOver", handover, said, "code"
        ),
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Baoshi intake 报事受理", "version": "1", "description": _ABOUT},
            "paths": paths,
            "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}],
        },
        ensure_ascii=False,
    ).encode()


_ABOUT = (
    "The only door in. A 2xx means that the event is durable, in Kafka or in intake's own spool. In an emergency "
    "only the class is required: fields that cannot be read are kept in `text` and named in `unread`."
)


def _schema(name: str, adapter: TypeAdapter[Any], mode: Any, schemas: dict[str, Any]) -> dict[str, str]:
    made = adapter.json_schema(mode=mode, ref_template=_REF)
    schemas.update(made.pop("$defs", {}))
    schemas[name] = made
    return {"$ref": _REF.format(model=name)}


def _post(
    summary: str, operation: str, body: dict[str, str], answer: dict[str, str], path: str | None
) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "the same key is the same event; with other content it is refused for 24 h",
            "schema": {"type": "string"},
        },
        {"name": "Accept-Language", "in": "header", "schema": {"type": "string"}, "description": "zh or en"},
    ]
    if path:
        parameters.append({"name": path, "in": "path", "required": True, "schema": {"type": "string"}})
    return {
        "post": {
            "summary": summary,
            "operationId": operation,
            "parameters": parameters,
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {"202": _content("durable", "application/json", answer), **_refusals()},
        }
    }


def _refusals() -> dict[str, Any]:
    problem = {"$ref": _REF.format(model="Problem")}
    return {status: _content(why, "application/problem+json", problem) for status, why in _REFUSALS.items()}


def _content(description: str, media_type: str, schema: dict[str, str]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}
