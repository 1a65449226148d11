"""What is heard from devices: receipts become facts, answers become replies, what fits no task goes to the desk.

Returns when it is durable, so that the channel acknowledges to the device only what cannot be lost any more.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from services.notify.answers import Answers
from services.notify.channels.channel import Answer, Heard, Receipt, Sign
from services.notify.devices import Devices
from services.notify.open_tasks import Asked, OpenTasks, owner_of
from services.notify.receipts import Attempt, Receipts, References, as_attempt
from services.notify.settings import NotifySettings
from services.notify.unplaced import unplaced_notice
from shared.contracts.deliveries import DeliveryAnswered, DeliveryDelivered, DeliveryRefused
from shared.contracts.ids import NAMESPACE, parse_task_id
from shared.contracts.replies import Said
from shared.contracts.topics import topic_of
from shared.domain.estates.devices import Device
from shared.domain.estates.roster import Estate
from shared.domain.notifying.answers import Unplaced, read, reply
from shared.domain.notifying.state import SERVICE
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.metrics import ANSWERS
from shared.platform.mongo import Database
from shared.platform.publishing import Publisher
from shared.platform.records import Outgoing, outgoing
from shared.platform.retrying import until_it_works

_OLDEST = timedelta(days=2)
_WORDS, _REASON = 500, 80


class Hearing:
    """The ear of a process. The same answer heard again, by whichever process, is the same reply."""

    def __init__(
        self,
        settings: NotifySettings,
        database: Database,
        directory: Directory,
        publisher: Publisher,
        receipts: Receipts,
        open_tasks: OpenTasks,
        references: References,
    ) -> None:
        self._settings, self._directory, self._publisher = settings, directory, publisher
        self._receipts, self._open_tasks, self._references = receipts, open_tasks, references
        self._devices, self._answers = Devices(database), Answers(database)
        self._clock = Clock.of(settings)

    async def prepare(self) -> None:
        await self._answers.prepare()

    async def hear(self, heard: Heard) -> None:
        """Waits while Kafka or MongoDB is away; what cannot be understood is told to the desk, never dropped."""
        if isinstance(heard, Receipt):
            await self._on_receipt(heard)
        elif isinstance(heard, Sign):
            await self._on_sign(heard)
        else:
            await self._on_answer(heard)

    async def _on_receipt(self, receipt: Receipt) -> None:
        """Of a page of several notices each has its own."""
        for attempt in await self._attempts(receipt.ref):
            if receipt.what == "delivered":
                await self._receipts.say(DeliveryDelivered, attempt)
                await self._alive(attempt.estate, attempt.device)
            else:
                await self._receipts.say(DeliveryRefused, attempt, reason=receipt.reason[:_REASON] or "refused")

    async def _attempts(self, ref: str) -> list[Attempt]:
        """None: a reference that is not ours, or older than they are kept."""
        patience = self._settings.notify_found_again_s
        found = await until_it_works(SERVICE, "references", lambda: self._references.attempts(ref, patience))
        if not found:
            log.warning("receipt of an unknown page")
        return found

    async def _on_sign(self, sign: Sign) -> None:
        estate = await self._estate(sign.estate)
        device = _device(estate, sign.channel, sign.address)
        if estate is None or device is None:
            return
        if sign.alive:
            await self._alive(sign.estate, device.id)
        else:
            await until_it_works(SERVICE, "devices", lambda: self._devices.lost(sign.estate, device))

    async def _alive(self, code: str, device_id: str) -> None:
        estate = await self._estate(code)
        device = next((d for d in estate.devices if d.id == device_id), None) if estate else None
        if device:
            await until_it_works(SERVICE, "devices", lambda: self._devices.seen(code, device))

    async def _estate(self, code: str) -> Estate | None:
        return await until_it_works(SERVICE, "directory", lambda: self._directory.estate(code))

    async def _on_answer(self, answer: Answer) -> None:
        estate = await self._estate(answer.estate)
        device = _device(estate, answer.channel, answer.address)
        if estate is None or device is None:
            # Anybody may send a text message to the number; who is no device of the estate is nobody here.
            log.warning("answer of an unknown device", estate=answer.estate)
            ANSWERS.labels("unknown_device").inc()
            return
        await self._place(answer, device)
        await until_it_works(SERVICE, "devices", lambda: self._devices.seen(answer.estate, device))

    async def _place(self, answer: Answer, device: Device) -> None:
        """Once and for all: what it was taken for is kept before it is said, and said again when it comes again."""
        event_id = uuid5(NAMESPACE, f"answer|{answer.estate}|{answer.channel}|{answer.address}|{answer.said_id}")
        records = await until_it_works(SERVICE, "answers", lambda: self._answers.kept(event_id))
        if records is None:
            asked = await until_it_works(SERVICE, "codes", lambda: self._asked(answer, owner_of(device)))
            records = self._records(answer, device, asked, event_id)
            records = await until_it_works(SERVICE, "answers", partial(self._answers.keep, event_id, records))
        await until_it_works(SERVICE, "replies", lambda: self._publisher.publish(records))

    async def _asked(self, answer: Answer, owner: str) -> list[Asked]:
        """By the code in its words; else by the page it answers to; else what alone is open there.

        An answer to a page whose task is over names no other task.
        """
        where, code = (answer.estate, owner), read(answer.words).code
        if code is None and answer.ref:
            found = await self._references.attempts(answer.ref, self._settings.notify_found_again_s)
            if found:
                return await self._open_tasks.asked_of(*where, found[0].task_id) if found[0].task_id else []
        return await self._open_tasks.asked(*where, code or answer.code)

    def _records(self, answer: Answer, device: Device, asked: list[Asked], event_id: UUID) -> list[Outgoing]:
        """The answer as a fact about its page, and the reply that it is, or what the desk is shown of it."""
        last = asked[0].last if len(asked) == 1 else None
        attempt = as_attempt(last) if last else None
        words = answer.words[:_WORDS] or answer.key
        found = []
        if attempt:
            found.append(self._receipts.record(DeliveryAnswered, attempt, f".{event_id.hex}", words=words))
        made = self._made(answer, asked, event_id)
        ANSWERS.labels(made.why if isinstance(made, Unplaced) else "placed").inc()
        if not isinstance(made, Unplaced):
            return [*found, outgoing(made, topic_of("replies", asked[0].task.lane), SERVICE)]
        drill = bool(last and last.get("drill"))
        notice = unplaced_notice(event_id, answer, device, made.why, attempt, self._clock.now(), drill=drill)
        return [*found, outgoing(notice, topic_of("notices", attempt.lane if attempt else "routine"), SERVICE)]

    def _made(self, answer: Answer, asked: list[Asked], event_id: UUID) -> Said | Unplaced:
        if len(asked) != 1:
            return Unplaced("two_tasks" if asked else "no_task")
        meaning = read(answer.words, answer.code, answer.key).meaning
        if meaning is None:
            return Unplaced("words")
        task, now = asked[0].task, self._clock.now()
        common = {
            "event_id": event_id,
            "report_id": parse_task_id(task.task_id).report_id,
            "estate_id": answer.estate,
            "occurred_at": _said_at(answer.said_at, now),
            "accepted_at": now,
        }
        return reply(task, meaning, answer.words[:_WORDS], common)


def _device(estate: Estate | None, channel: str, address: str) -> Device | None:
    found = estate.devices if estate else ()
    return next((d for d in found if d.channel == channel and d.address == address), None)


def _said_at(said_at: datetime | None, now: datetime) -> datetime:
    """When it was said, where the device knows; what lies in the future or long ago is its clock's fault."""
    return said_at if said_at and now - _OLDEST < said_at <= now else now
