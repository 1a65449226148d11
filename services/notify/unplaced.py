"""What the desk is told of an answer that no program can place: it is shown, not dropped."""

from datetime import datetime, timedelta
from uuid import UUID

from services.notify.channels.channel import Answer
from services.notify.receipts import Attempt
from shared.contracts.event import Addressee, Words
from shared.contracts.ids import fact_id
from shared.contracts.notices import NoticeIssued
from shared.domain.drill_mark import as_drill
from shared.domain.estates.devices import Device
from shared.domain.notifying.state import SERVICE

NAME = "answer_unplaced"
_VALID = timedelta(hours=24)
_WHY: dict[str, Words] = {
    "no_task": Words(zh="对不上任务", en="FITS NO TASK"),
    "two_tasks": Words(zh="不知是哪个任务", en="FITS TWO TASKS"),
    "words": Words(zh="看不懂", en="NOT UNDERSTOOD"),
    "outcome": Words(zh="说已完成,请补登记结果", en="SAYS DONE: enter outcome"),
    "onward": Words(zh="说不能,请问原因转谁", en="CANNOT: ask why, who takes it"),
}


def unplaced_notice(
    event_id: UUID,
    answer: Answer,
    device: Device,
    why: str,
    attempt: Attempt | None,
    now: datetime,
    *,
    drill: bool = False,
) -> NoticeIssued:
    """To the desk, to the leader where a task is declined (PLAYBOOKS 10). Said again it is the same notice."""
    why_words = _WHY[why]
    zh, en = f"{device.id}答复{why_words.zh},见系统", f"ANSWER OF {device.id}: {why_words.en}."
    words = as_drill(Words(zh=zh, en=en)) if drill else Words(zh=zh, en=en)
    return NoticeIssued(
        event_id=fact_id(SERVICE, event_id, NAME, 0),
        report_id=attempt.report_id if attempt else "",
        estate_id=answer.estate,
        occurred_at=answer.said_at or now,
        accepted_at=now,
        because_of=event_id,
        case_version=0,
        index=0,
        name=NAME,
        task_id=attempt.task_id if attempt else None,
        clause=("S2a",),
        to=Addressee(role="shift_leader" if why == "onward" else "customer_assistant"),
        words=words,
        drill=drill,
        urgency="emergency" if attempt and attempt.lane == "emergency" else "routine",
        valid_until=now + _VALID,
    )
