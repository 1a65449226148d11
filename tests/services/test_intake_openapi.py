"""The OpenAPI document and the door agree: schemathesis asks what the document allows, and odd things beside it."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.intake.openapi import document
from shared.contracts.ids import parse_report_id, parse_task_id
from tests.support.intake import IntakeAtHand

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
REPORT = "emergency.medical.qinghe.00000000000000000000000000000001"
PATHS = (
    "/v1/reports",
    "/v1/tasks/{task_id}/replies",
    "/v1/reports/{report_id}/amendments",
    "/v1/estates/{code}/handovers",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_the_door_is_as_described(tmp_path: Path, path: str, mode: schemathesis.GenerationMode) -> None:
    # Kafka always answers here, so the spool is never touched.
    schema = schemathesis.openapi.from_asgi("/openapi.json", IntakeAtHand(tmp_path).app)
    statuses: set[int] = set()

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=schema[path]["POST"].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        statuses.add(_asked(case))

    ask()
    assert statuses & ({202} if mode == schemathesis.GenerationMode.POSITIVE else {400, 415, 422})


def _asked(case: schemathesis.Case) -> int:
    """As the administrator, of an estate and a case that there are."""
    ids = {"report_id": REPORT, "task_id": f"{REPORT}.ask_help.1", "code": "qinghe"}
    case.path_parameters = {name: ids[name] for name in case.path_parameters or {}}
    case.headers["Authorization"] = "Bearer admin"
    if isinstance(case.body, dict) and case.path == PATHS[0]:
        case.body["estate"] = "qinghe"
    return int(case.call_and_validate(checks=CHECKS).status_code)


def test_the_document_holds_every_model_of_the_door() -> None:
    content = json.loads(document())
    assert set(content["paths"]) == set(PATHS)
    assert parse_report_id(REPORT).estate == "qinghe"
    assert parse_task_id(f"{REPORT}.ask_help.1").step == "ask_help"
    references = json.dumps(content).count("#/components/schemas/")
    assert references > 10
    for name in ("ReportRequest", "Decline", "Withdraw", "StopDrill", "Problem", "ReportAccepted", "SaidAccepted"):
        assert name in content["components"]["schemas"]
