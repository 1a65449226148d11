"""From what a case recorded to what goes out: the attempt, its page, and the code that an answer names."""

from typing import NamedTuple
from uuid import UUID

from services.notify.channels.channel import Page
from services.notify.receipts import Attempt
from shared.contracts.event import Speaker, Words
from shared.contracts.vocabulary import Lane
from shared.domain.estates.devices import Device
from shared.domain.estates.roster import Estate
from shared.domain.notifying.answers import Task
from shared.domain.notifying.can import Can
from shared.domain.notifying.state import Message, Try
from shared.domain.notifying.wording import text_for
from shared.platform.cases import Case, report_of
from shared.platform.clock import Clock

_LONGEST_S = 86_400.0


class Job(NamedTuple):
    """One attempt that is to be sent, with its message as the case has it."""

    attempt: Attempt
    message: Message

    @property
    def id(self) -> UUID:
        return self.attempt.id

    @property
    def urgent(self) -> bool:
        return bool(self.message["urgency"] == "emergency")

    @property
    def line(self) -> str:
        """What shares air time and order with it."""
        return f"{self.attempt.estate}/{self.attempt.channel}"


def job_of(case: Case, message: Message, found: Try) -> Job:
    attempt = Attempt(
        case.lane,
        report_of(case.id),
        case.estate,
        message["id"],
        message["task"],
        found["device"],
        found["channel"],
        found["attempt"],
        found["id"],
        found["version"],
    )
    return Job(attempt, message)


def words_of(job: Job) -> Words:
    return Words(zh=job.message["zh"], en=job.message["en"])


def page_of(job: Job, device: Device, can: Can, estate: Estate, code: str | None, clock: Clock) -> Page:
    """What goes out: words in a language and length the channel can carry, the code in front."""
    message = job.message
    words = words_of(job)
    left = (message["until"] - clock.now()).total_seconds() / clock.speed if message["until"] else _LONGEST_S
    lane: Lane = "emergency" if job.urgent else "routine"
    return Page(
        ref=job.attempt.ref,
        estate=estate.estate,
        address=device.address,
        text=text_for(words, device, can, estate, code, message["drill"]),
        lane=lane,
        code=code,
        drill=message["drill"],
        seconds_left=max(1.0, left),
        report_id=job.attempt.report_id,
        task_id=message["task"],
        step=message["name"],
        clause=tuple(message["clause"]),
        outcomes=tuple(message["outcomes"]),
        record=tuple(message["record"]),
        guard=tuple(message["guard"]),
        sent_at=message["at"],
    )


def task_of(job: Job, device: Device) -> Task:
    """Who answers there speaks in the role that was asked."""
    message, to = job.message, job.message["to"]
    by = Speaker(role=to["role"], person=device.person or to["person"], post=device.post or to["post"])
    more = tuple(message["outcomes"]), tuple(message["record"]), message["ends_on"]
    return Task(message["task"], job.attempt.lane, by, *more)
