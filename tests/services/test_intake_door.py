"""The door itself: limits before a body is read, languages, the API's description, and what no log line says."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from structlog.testing import capture_logs

from shared.contracts.commands import Problem
from shared.platform.language import language_of
from tests.support.intake import IntakeAtHand, intake_at_hand

BODY = b'{"category":"medical"}'


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path, intake_body_bytes=2048, intake_json_depth=4) as at_hand:
        yield at_hand


def nested(depth: int) -> bytes:
    return b'{"category":"medical","x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (BODY, {}, 202),
        (BODY, {"content_type": "application/json; charset=utf-8"}, 202),
        (BODY, {"content_type": "text/plain"}, 415),
        (BODY, {"content_type": ""}, 415),
        (BODY + b" " * 2048, {}, 413),
        (nested(4), {}, 202),
        (nested(5), {}, 400),
        (json.dumps({"category": "medical", "text": '[[[[["[[{{'}).encode(), {}, 202),
        (b"[" * 2000, {}, 400),
    ],
)
async def test_limits(intake: IntakeAtHand, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = await intake.post("/v1/reports", body, **headers)
    assert answer.status_code == status, answer.text


async def test_a_body_without_a_length_is_cut_off_too(intake: IntakeAtHand) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 1000

    headers = {"authorization": "Bearer desk", "content-type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake.app), base_url="http://intake") as client:
        assert (await client.post("/v1/reports", content=endless(), headers=headers)).status_code == 413


async def test_a_body_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    async with intake_at_hand(tmp_path, intake_body_wait_s=0.05) as intake:
        sent: list[dict[str, Any]] = []

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(dict(message))

        await intake.app(_scope(), receive, send)
        assert sent[0]["status"] == 408


def _scope() -> dict[str, Any]:
    headers = [(b"authorization", b"Bearer desk"), (b"content-type", b"application/json")]
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/reports",
        "raw_path": b"/v1/reports",
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("intake", 80),
        "client": ("test", 1),
        "root_path": "",
        "extensions": {},
    }


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh;q=0.2, en;q=0.7", "en"),
        ("fr", "zh"),
        ("en;q=x", "zh"),
        ("en;q=0", "zh"),
    ],
)
def test_the_language_of_a_refusal(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


async def test_a_wrong_method_is_a_problem_too(intake: IntakeAtHand) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake.app), base_url="http://intake") as client:
        answer = await client.get("/v1/reports")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert Problem.model_validate(answer.json()).status == 405


async def test_a_fault_of_ours_says_to_phone(intake: IntakeAtHand) -> None:
    async def broken(_: str) -> None:
        raise ZeroDivisionError

    intake.directory.by_secret = broken  # type: ignore[method-assign]
    answer = await intake.post("/v1/reports", BODY)
    assert answer.status_code == 500
    assert "打电话" in answer.json()["detail"]


async def test_no_log_line_holds_a_name_a_phone_or_a_text(intake: IntakeAtHand) -> None:
    secrets = ["13912345678", "王小明", "心口疼", "不是号码"]
    said = {"reporter": "王小明", "reporter_phone": "13912345678", "text": "心口疼", "patient_phone": "不是号码"}
    with capture_logs() as lines:
        for category in ("medical", "inquiry"):
            await intake.post("/v1/reports", {"category": category, **said})
        intake.kafka_answers(False)
        intake.lines["emergency"].spool._segments._most = 1
        refused = await intake.post("/v1/reports", {"category": "medical", **said})
    assert refused.status_code == 503
    assert lines != []
    assert not any(secret in str(line) for line in lines for secret in secrets)
