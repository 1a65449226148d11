"""Hand-overs between day desk and night control room: who gives and who takes are two persons who sign."""

import asyncio
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from pymongo.errors import PyMongoError

from services.intake.authentication import TAKES_CALLS
from services.intake.link_checks import foreign
from services.intake.linking import Told
from services.intake.metrics import UNCHECKED
from services.intake.problems import Mistake, Refusal
from services.intake.replies import said
from services.intake.settings import IntakeSettings
from services.intake.wording import fields, unknown, words
from shared.contracts.commands import By, GiveHandover, HandoverRequest, TakeHandover
from shared.contracts.handovers import HandoverGiven, HandoverTaken
from shared.contracts.topics import topic_of
from shared.platform.caller import Caller
from shared.platform.logs import log
from shared.platform.mongo import Database, keep_for

COLLECTION = "handovers_given"
_TTL_INDEX = "stored_at_ttl"


class Given(NamedTuple):
    """What intake remembers of a hand-over that was given."""

    estate: str
    person: str | None


class Memory(Protocol):
    """Who gave what."""

    async def remember(self, event_id: UUID, given: Given) -> None: ...

    async def recall(self, event_id: UUID) -> Given | None: ...


class GivenMemory:
    """Who gave what, as long as it may be taken. With MongoDB away nothing is compared: the door stays open.

    The register compares again, so a signature of the giver's own never counts.
    """

    def __init__(self, database: Database, settings: IntakeSettings) -> None:
        self._collection = database[COLLECTION]
        self._wait_s, self._kept_s = settings.intake_idempotency_s, settings.intake_handover_kept_s

    async def prepare(self) -> None:
        """The TTL index; with MongoDB away it is made at the next start."""
        await keep_for(self._kept_s, self._collection, "stored_at", _TTL_INDEX)

    async def remember(self, event_id: UUID, given: Given) -> None:
        """Once; the same hand-over sent again is the same."""
        content = {**given._asdict(), "stored_at": datetime.now(UTC)}
        try:
            async with asyncio.timeout(self._wait_s):
                await self._collection.update_one({"_id": event_id}, {"$setOnInsert": content}, upsert=True)
        except (PyMongoError, TimeoutError) as away:
            _unchecked(event_id, away)

    async def recall(self, event_id: UUID) -> Given | None:
        """None where it is not known, or cannot be asked."""
        try:
            async with asyncio.timeout(self._wait_s):
                found = await self._collection.find_one({"_id": event_id})
        except (PyMongoError, TimeoutError) as away:
            _unchecked(event_id, away)
            return None
        return Given(found["estate"], found["person"]) if found else None


def _unchecked(event_id: UUID, away: Exception) -> None:
    UNCHECKED.inc()
    log.warning("hand-over not compared", event_id=str(event_id), error=type(away).__name__)


def signed_by(request: HandoverRequest, caller: Caller, estate: str) -> HandoverRequest:
    """A person who signed in signs for nobody else, and need not say who that is; who is in no roster, for nobody.

    A program signs for whom it says, and a post's page for the post's own people.
    """
    own = caller.person_in(estate)
    is_program = caller.session is None and own is None
    if caller.post is not None or is_program or request.by.person == own:
        return request
    if request.by.person is not None:
        raise Refusal(
            403,
            "not-your-role",
            words("请由本人登录后签名", "Each signs for themselves: sign in as that person"),
        )
    return request.model_copy(update={"by": By(role=request.by.role, person=own, post=request.by.post)})


def check_side(request: HandoverRequest, caller: Caller) -> None:
    """403 for who is neither day desk nor night control room; the administrator's key enters for anybody."""
    is_administrator = caller.estates is None and caller.session is None
    if not is_administrator and request.by.role not in TAKES_CALLS:
        raise Refusal(403, "not-your-role", _NOT_A_SIDE)


def check_items(request: HandoverRequest, estate: str) -> None:
    """422 for an item that is no report of this estate."""
    if isinstance(request, GiveHandover):
        wrong = [f"items.{n}" for n, item in enumerate(request.items) if foreign(item, estate)]
        if wrong:
            raise fields([Mistake(field, _NO_REPORT, _CHECK_ID) for field in wrong])


def check_taker(request: TakeHandover, given: Given | None, estate: str) -> None:
    """422 for who takes over from themselves, 404 for another estate's; what nobody remembers is let through."""
    if given is None:
        return
    if given.estate != estate:
        raise unknown("交班", "hand-over")
    if given.person is not None and given.person == request.by.person:
        raise fields([Mistake("by.person", _ONE_PERSON, _ANOTHER)])


def handover_event(request: HandoverRequest, estate: str, event_id: UUID, at: datetime) -> Told:
    """The event under the estate's key; the same id and instant give the same event."""
    own: dict[str, Any] = {**said(request, "", estate, event_id, at), "note": request.note}
    event: HandoverGiven | HandoverTaken
    if isinstance(request, GiveHandover):
        event = HandoverGiven(**own, items=request.items)
    else:
        event = HandoverTaken(**own, given=request.given)
    return Told(event, topic_of("replies", "routine"))


_NOT_A_SIDE = words(
    "交接班只在客服台与监控中心之间签名;本人的任务请转交给具名的人",
    "Only desk and control room sign a hand-over here: hand your own tasks on to a person by name",
)
_NO_REPORT = words("不是本小区的报事", "No report of this estate")
_CHECK_ID = words("核对编号", "Check the id")
_ONE_PERSON = words("接班人与交班人是同一人", "The same person gave it")
_ANOTHER = words("由接班人签名", "Who takes over signs")
