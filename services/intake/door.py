"""What happens to a request, step by step, until its event is durable. HTTP stands in `api.py`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from pydantic import BaseModel

from services.intake.amendment_checks import check_amendment, report_at_the_door
from services.intake.amendments import amended
from services.intake.authentication import estate_of, may_speak
from services.intake.checks import Door, latest_of
from services.intake.from_persons import said_by
from services.intake.from_posts import bound_to_post, file_as_post
from services.intake.handing_over import (
    Given,
    Memory,
    check_items,
    check_side,
    check_taker,
    handover_event,
    signed_by,
)
from services.intake.idempotency import KeyMemory, content_hash
from services.intake.keeping import Keeping
from services.intake.linking import Told
from services.intake.metrics import ACCEPTED
from services.intake.problems import Mistake
from services.intake.reading import AMENDMENT, HANDOVER, REPLY, read_report, read_said
from services.intake.replies import check_reply, reply_event, task_at_the_door
from services.intake.reports import Acceptance, filed, looked_at, speaker_of
from services.intake.said_checks import check_said
from services.intake.settings import IntakeSettings
from services.intake.wording import fields, unknown, words
from shared.contracts.commands import Durable, SaidAccepted, TakeHandover
from shared.contracts.event import Event
from shared.contracts.ids import keyed_event_id, lane_of_key
from shared.contracts.vocabulary import Lane
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller
from shared.platform.clock import Clock
from shared.platform.directory import Directory


class Asked(NamedTuple):
    """A request whose caller is known."""

    caller: Caller
    body: bytes
    idempotency_key: str | None
    trace: str | None


class Filed(NamedTuple):
    """An accepted report, and what of it could not be read."""

    report_id: str
    event_id: UUID
    accepted_at: datetime
    durable: Durable
    unread: tuple[Mistake, ...]


class IntakeDoor:
    """Answers only when the event is durable; raises `Refusal`, `SpoolFull` or `Unavailable` otherwise."""

    def __init__(
        self,
        settings: IntakeSettings,
        clock: Clock,
        directory: Directory,
        keys: KeyMemory,
        keeping: Keeping,
        given: Memory,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._directory, self._keys, self._keeping = directory, keys, keeping
        self._given = given

    async def report(self, asked: Asked) -> Filed:
        """`POST /v1/reports`."""
        read = read_report(asked.body)
        estate = await self._estate(asked.caller, read.request.estate)
        now = self._clock.now()
        latest = latest_of(now, self._settings.intake_future_s)
        oldest = now - timedelta(days=self._settings.intake_clock_days)
        caller = asked.caller.within(estate.estate)
        seen = looked_at(read, Door(estate.estate, caller.roles, now, latest, oldest))
        event_id, at = await self._identity(asked, estate.estate, "report", read.request, now)
        said = file_as_post(seen.request, caller, estate, at)
        told = filed(said, estate, Acceptance(event_id, at, speaker_of(said, caller)))
        durable = await self._keep("report", told, now, asked.trace)
        return Filed(_own(told, event_id).report_id, event_id, at, durable, seen.unread)

    async def reply(self, asked: Asked, task_id: str) -> SaidAccepted:
        """`POST /v1/tasks/{task_id}/replies`."""
        task, report = task_at_the_door(task_id)
        estate = await self._estate(asked.caller, report.estate)
        now = self._clock.now()
        request = said_by(read_said(REPLY, asked.body), asked.caller, estate, now)
        check_said(request, latest_of(now, self._settings.intake_future_s))
        check_reply(request, task)
        event_id, at = await self._identity(asked, report.estate, task_id, request, now)
        told = reply_event(bound_to_post(request, asked.caller, estate, at), task_id, report, event_id, at)
        return await self._said([told], event_id, now, asked.trace, task_id)

    async def amendment(self, asked: Asked, report_id: str) -> SaidAccepted:
        """`POST /v1/reports/{report_id}/amendments`."""
        report = report_at_the_door(report_id)
        estate = await self._estate(asked.caller, report.estate)
        now = self._clock.now()
        request = said_by(read_said(AMENDMENT, asked.body), asked.caller, estate, now)
        check_said(request, latest_of(now, self._settings.intake_future_s))
        check_amendment(request, report, now)
        event_id, at = await self._identity(asked, report.estate, report_id, request, now)
        told = amended(bound_to_post(request, asked.caller, estate, at), report, estate, event_id, at)
        return await self._said(told, event_id, now, asked.trace)

    async def handover(self, asked: Asked, code: str) -> SaidAccepted:
        """`POST /v1/estates/{code}/handovers`: given, or taken by another person than who gave it."""
        estate = await self._estate(asked.caller, code)
        caller = asked.caller.within(code)
        request = signed_by(read_said(HANDOVER, asked.body), caller, code)
        may_speak(caller, request.by, request.heard_by)
        check_side(request, caller)
        now = self._clock.now()
        check_said(request, latest_of(now, self._settings.intake_future_s))
        check_items(request, code)
        if isinstance(request, TakeHandover):
            check_taker(bound_to_post(request, caller, estate, now), await self._given.recall(request.given), code)
        event_id, at = await self._identity(asked, code, "handover", request, now)
        signed = bound_to_post(request, caller, estate, at)
        if not isinstance(signed, TakeHandover):
            await self._given.remember(event_id, Given(code, signed.by.person))
        return await self._said([handover_event(signed, code, event_id, at)], event_id, now, asked.trace)

    async def _said(
        self, told: Sequence[Told], event_id: UUID, now: datetime, trace: str | None, task_id: str | None = None
    ) -> SaidAccepted:
        durable = await self._keep(_kind_of(told[0], task_id), told, now, trace)
        event = _own(told, event_id)
        return SaidAccepted(
            report_id=event.report_id,
            task_id=task_id,
            event_id=event.event_id,
            accepted_at=event.accepted_at,
            durable=durable,
            refusal_at=f"/v1/replies/{event.event_id}",
        )

    async def _estate(self, caller: Caller, wanted: str | None) -> Estate:
        """404 for what the key does not belong to, and for what does not exist."""
        code = estate_of(caller, wanted)
        if code is None:
            raise fields([_NO_ESTATE])
        estate = await self._directory.estate(code)
        if estate is None:
            raise unknown("小区", "estate")
        return estate

    async def _identity(
        self, asked: Asked, estate: str, addressed_to: str, request: BaseModel, now: datetime
    ) -> tuple[UUID, datetime]:
        """A repeated key is the same event, accepted at the same instant, and is published again."""
        if asked.idempotency_key is None:
            return uuid4(), now
        event_id = keyed_event_id(estate, asked.idempotency_key)
        return event_id, await self._keys.accepted_at(event_id, content_hash(addressed_to, request), now)

    async def _keep(self, what: str, told: Sequence[Told], now: datetime, trace: str | None) -> Durable:
        durable = await self._keeping.keep(told, now, trace)
        lane: Lane = lane_of_key(told[0].event.key)
        ACCEPTED.labels(what, lane, durable).inc()
        return durable


def _kind_of(first: Told, task_id: str | None) -> str:
    if task_id:
        return "reply"
    return "amendment" if first.event.report_id else "handover"


def _own(told: Sequence[Told], event_id: UUID) -> Event:
    """What the request itself says; beside it may stand what another report is told."""
    return next(one.event for one in told if one.event.event_id == event_id)


_NO_ESTATE = Mistake(
    "estate",
    words("没有写明小区", "No estate is given"),
    words("填小区代号,或用只属一个小区的密钥", "Give the estate's code, or use a key of one estate"),
)
