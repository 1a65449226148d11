"""Intake in process, with fakes only at its edges: the producer, the directory and the memory of keys."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx
from starlette.applications import Starlette

from services.intake.api import intake_app
from services.intake.desk import Desk
from services.intake.door import IntakeDoor
from services.intake.drain import Drain
from services.intake.handing_over import Given
from services.intake.idempotency import other_content
from services.intake.keeping import Keeping, Line
from services.intake.segments import Segments
from services.intake.settings import IntakeSettings
from services.intake.spool import Spool
from shared.contracts.event import Event
from shared.contracts.history import UnknownType, read_event
from shared.contracts.vocabulary import LANES, ROLES, Role
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.caller import Caller
from shared.platform.clock import Clock
from shared.platform.errors import Unavailable
from shared.platform.records import Outgoing
from tests.support.callers import callers_over, pages_of
from tests.support.estate import an_estate

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
DESK: tuple[Role, ...] = ("customer_assistant", "control_room")


class FakePublisher:
    """Takes records into `sent`; `answers` False is a Kafka that does not."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.answers, self.ready = True, True

    async def publish(self, records: Sequence[Outgoing], timeout: float | None = None) -> None:
        if not self.answers:
            raise Unavailable("away")
        self.sent += records

    @property
    def events(self) -> list[Event]:
        read = [read_event(record.value) for record in self.sent]
        return [event for event in read if not isinstance(event, UnknownType)]


class FakeDirectory:
    """Keys by their secret; two estates."""

    def __init__(self) -> None:
        self.estates = {code: an_estate(code) for code in ("qinghe", "lanting")}
        self.callers = {
            "desk": Caller("desk", frozenset({"qinghe"}), frozenset(DESK)),
            "guard": Caller("guard", frozenset({"qinghe"}), frozenset({"guard"})),
            "both": Caller("both", frozenset({"qinghe", "lanting"}), frozenset(DESK)),
            "admin": Caller("admin", None, frozenset(ROLES)),
        }

    async def by_secret(self, secret: str) -> Caller | None:
        return self.callers.get(secret)

    async def estate(self, code: str) -> Estate | None:
        return self.estates.get(code)

    async def codes(self) -> tuple[str, ...]:
        return tuple(sorted(self.estates))


class FakeKeys:
    """`KeyMemory` without its database."""

    def __init__(self) -> None:
        self.known: dict[UUID, tuple[bytes, datetime]] = {}

    async def accepted_at(self, event_id: UUID, content: bytes, now: datetime) -> datetime:
        first = self.known.setdefault(event_id, (content, now))
        if first[0] != content:
            raise other_content()
        return first[1]


class FakeGiven:
    """`GivenMemory` without its database."""

    def __init__(self) -> None:
        self.known: dict[UUID, Given] = {}

    async def remember(self, event_id: UUID, given: Given) -> None:
        self.known.setdefault(event_id, given)

    async def recall(self, event_id: UUID) -> Given | None:
        return self.known.get(event_id)


class StillClock(Clock):
    """Stands until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.shows = NOW

    def now(self) -> datetime:
        return self.shows


class IntakeAtHand:
    """One intake over a folder, as `main` puts it together."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = IntakeSettings(state_dir=folder, **settings)
        self.publishers = {lane: FakePublisher() for lane in LANES}
        self.directory, self.keys, self.clock = FakeDirectory(), FakeKeys(), StillClock()
        most, size = self.settings.intake_spool_mib * 1024 * 1024, self.settings.intake_segment_kib * 1024
        self.lines: dict[Any, Line] = {
            lane: Line(
                self.publishers[lane],  # type: ignore[arg-type]
                Spool(lane, Segments(folder / "spool" / lane, most, size)),
            )
            for lane in LANES
        }
        self.keeping = Keeping(self.lines, 1.0)
        self.keeping.safe = True
        self.drain = Drain(self.lines, self.clock, 3)
        door = IntakeDoor(
            self.settings,
            self.clock,
            self.directory,  # type: ignore[arg-type]
            self.keys,  # type: ignore[arg-type]
            self.keeping,
            FakeGiven(),
        )
        callers = callers_over(self.directory, self.settings)
        pages = pages_of("intake", callers, self.settings)
        pages.add(Desk(self.settings, self.clock, pages, self.directory, load_playbooks()).routes())  # type: ignore[arg-type]
        self.app: Starlette = intake_app(self.settings, callers, door, pages, self.ready)

    async def ready(self) -> dict[str, bool]:
        return {"kafka": True}

    @property
    def sent(self) -> list[Event]:
        return [event for lane in LANES for event in self.publishers[lane].events]

    def kafka_answers(self, answers: bool) -> None:
        for publisher in self.publishers.values():
            publisher.answers = answers

    async def post(self, path: str, body: Any, key: str = "desk", **headers: str) -> httpx.Response:
        """`body` is sent as JSON, or as it is when it is bytes."""
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        sent = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
            return await client.post(path, headers=sent, **content)


@asynccontextmanager
async def intake_at_hand(folder: Path, **settings: Any) -> AsyncIterator[IntakeAtHand]:
    """Spools opened, and closed again."""
    intake = IntakeAtHand(folder, **settings)
    for line in intake.lines.values():
        await line.spool.open()
    try:
        yield intake
    finally:
        for line in intake.lines.values():
            await line.spool.close()
