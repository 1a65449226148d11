"""Ends what a test has left open: each case withdrawn, each stand-down acknowledged, each other task cancelled.

That every case can be ended so, whatever was said before, is itself something to rely on.
"""

import asyncio

from shared.platform.mongo import Document
from tests.support.installation import Installation, until

CANCELLED = {
    "cancelled_by": "本次试验",
    "cancelled_at": "2026-11-20T19:00:00+08:00",
    "cancel_words": "到此为止",
}
OVER = ("task.ended", "task.withdrawn")


async def call_off(installation: Installation) -> None:
    """Of all reports filed since the last time."""
    reports = list(installation.filed)
    installation.filed.clear()
    await asyncio.gather(*(_one(installation, report) for report in reports))


async def _one(installation: Installation, report: str) -> None:
    if not await _is_closed(installation, report):
        await installation.amend(report, "withdraw", "service_head", reason="试验结束")
    answered: set[str] = set()

    async def over() -> bool:
        left = await _open(installation, report)
        for task in left:
            if task["task_id"] not in answered:
                answered.add(task["task_id"])
                await _answer(installation, task)
        return not left and await _is_closed(installation, report)

    assert await until(over, 60), f"{report} does not end: {await _open(installation, report)}"


async def _answer(installation: Installation, task: Document) -> None:
    role = task["to"]["role"]
    if task["ends_on"] == "ack":
        await installation.reply(task["task_id"], "acknowledge", role)
    else:
        await installation.reply(task["task_id"], "complete", role, outcome="cancelled", record=CANCELLED)


async def _is_closed(installation: Installation, report: str) -> bool:
    """By the last decision on it: a failed visit opens it again."""
    found = await _log(installation, report, "report.closed", "report.reopened")
    return bool(found) and max(found, key=_decided)["type"] == "report.closed"


async def _open(installation: Installation, report: str) -> list[Document]:
    ended = {e["task_id"] for e in await _log(installation, report, *OVER)}
    return [e for e in await _log(installation, report, "task.assigned") if e["task_id"] not in ended]


async def _log(installation: Installation, report: str, *types: str) -> list[Document]:
    query = {"report_id": report, "type": {"$in": types}}
    return [document["body"] async for document in installation.store["events"].find(query)]


def _decided(event: Document) -> int:
    version: int = event["case_version"]
    return version
