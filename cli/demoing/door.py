"""Intake's door as a caller sees it: a request is sent until it is answered, always under the same key."""

import asyncio
import json
import time
from datetime import datetime
from typing import Any, NamedTuple

import httpx2

from cli.demoing.evening import Unusable, idempotency_key
from cli.demoing.people import Request

PATIENCE_S = 20.0
_PAUSE_S = 0.25
NOT_NOW = frozenset({502, 503, 504})


class Answered(NamedTuple):
    """`status` 0: nobody answered in time. `sent_at` is the evening's time."""

    sent_at: datetime
    status: int
    body: dict[str, Any]
    seconds: float


class Keys(NamedTuple):
    """Secrets of callers; never printed."""

    admin: str
    other_estate: str


class Door:
    """One connection pool for the whole evening."""

    def __init__(self, address: str, keys: Keys) -> None:
        limits = httpx2.Limits(max_connections=32, max_keepalive_connections=32)
        self._client = httpx2.AsyncClient(base_url=address, timeout=5.0, limits=limits, trust_env=False)
        self._keys = keys

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, request: Request, now: datetime) -> Answered:
        """What a caller who does not give up gets: lost answers and `come again` are asked anew."""
        content = json.dumps(request.body, ensure_ascii=False).encode()
        return await self._post(request.path, content, self._headers("admin", request.key), now)

    async def try_unusable(self, unusable: Unusable, key: str, now: datetime) -> Answered:
        text = unusable.body if unusable.ask is None else json.dumps(unusable.ask, ensure_ascii=False)
        content = (text or "").encode()
        content += b" " * max(0, (unusable.padded or 0) - len(content))
        headers = self._headers(unusable.key, key) | {"content-type": unusable.content_type}
        return await self._post("/v1/reports", content, headers, now)

    def _headers(self, whose: str, key: str) -> dict[str, str]:
        secrets = {"admin": self._keys.admin, "other_estate": self._keys.other_estate, "wrong": "no-such-key"}
        shown = {"authorization": f"Bearer {secrets[whose]}"} if whose in secrets else {}
        common = {"content-type": "application/json", "accept-language": "zh", "idempotency-key": key}
        return {**common, **shown}

    async def _post(self, path: str, content: bytes, headers: dict[str, str], now: datetime) -> Answered:
        began = time.monotonic()
        while True:
            try:
                answer = await self._client.post(path, content=content, headers=headers)
            except httpx2.HTTPError:
                answer = None
            seconds = time.monotonic() - began
            if answer is not None and answer.status_code not in NOT_NOW:
                return Answered(now, answer.status_code, _body(answer), seconds)
            if seconds > PATIENCE_S:
                return Answered(now, answer.status_code if answer else 0, {}, seconds)
            await asyncio.sleep(_PAUSE_S)


def unusable_key(evening: Any, number: int, unusable: Unusable) -> str:
    """A key of its own, or on purpose that of a report."""
    return idempotency_key(evening, unusable.same_key_as or f"unusable-{number}")


def _body(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
