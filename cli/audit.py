"""`baoshi audit`: reads both services' stored cases and says which chain stalled; exit 1 when any did."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer
from pymongo.errors import PyMongoError

from cli.language import Lang, language
from shared.contracts.event import Words
from shared.domain.auditing import Finding, Moment, audit_case
from shared.platform.clock import Clock
from shared.platform.mongo import Database, Document, connect, database
from shared.platform.settings import Settings

BATCH = 500
FIELDS = {"state": 1, "deadlines": 1, "ring_at": 1}
UNSENT = {"state.tasks": {"$exists": False}}
Estate = Annotated[str | None, typer.Option("--estate", help="only this estate · 只查此小区")]


def mount(app: typer.Typer) -> None:
    """Adds `audit`."""
    app.command("audit")(audit)


def audit(estate: Estate = None, lang: Lang = None) -> None:
    """Prove from the stored cases that no chain stalled. · 核查有无任务断链"""
    said = language(lang)
    try:
        seen, found = asyncio.run(_audit(Settings(), estate))
    except PyMongoError as error:
        kind = type(error).__name__
        zh, en = f"MongoDB 没有应答({kind}),请先运行 make up", f"MongoDB does not answer ({kind}): run make up"
        typer.echo(zh if said == "zh" else en, err=True)
        raise typer.Exit(2) from None
    for finding in found:
        words = finding.words.zh if said == "zh" else finding.words.en
        typer.echo(f"{finding.task_id or finding.report_id}: {words}")
    total = _total(seen, len(found))
    typer.echo(total.zh if said == "zh" else total.en)
    if found:
        raise typer.Exit(1)


def _total(seen: int, stalled: int) -> Words:
    if stalled:
        return Words(zh=f"查 {seen} 宗,{stalled} 处断链", en=f"{seen} cases, {stalled} stalled")
    return Words(zh=f"查 {seen} 宗,无断链", en=f"{seen} cases, no chain stalled")


async def _audit(settings: Settings, estate: str | None) -> tuple[int, list[Finding]]:
    """Whatever is found is looked at again a lease later, since the two services are never read at one instant."""
    only = {"estate": estate} if estate else {}
    async with connect(settings) as client:
        mongo = database(client, settings)
        seen, doubtful = await _look(mongo, settings, await _all_ids(mongo, only))
        if not doubtful:
            return seen, []
        await asyncio.sleep(settings.lease_s)
        ids = sorted({finding.report_id for finding in doubtful})
        again = (await _look(mongo, settings, ids))[1]
    before = {(f.report_id, f.task_id) for f in doubtful}
    return seen, [f for f in again if (f.report_id, f.task_id) in before]


async def _all_ids(mongo: Database, only: Document) -> list[str]:
    """Every case of dispatch, and those of which escalation alone has heard."""
    ids: set[str] = set()
    for collection, query in (("dispatch_cases", only), ("escalation_cases", {**only, **UNSENT})):
        ids |= {document["_id"] async for document in mongo[collection].find(query, {"_id": 1})}
    return sorted(ids)


async def _look(mongo: Database, settings: Settings, report_ids: list[str]) -> tuple[int, list[Finding]]:
    clock, seen, found = Clock.of(settings), 0, list[Finding]()
    for start in range(0, len(report_ids), BATCH):
        ids = report_ids[start : start + BATCH]
        dispatch, escalation = await _cases(mongo, "dispatch", ids), await _cases(mongo, "escalation", ids)
        now, lease = clock.now(), clock.real_seconds(settings.lease_s)
        moment = Moment(now, lease, clock.real_seconds(settings.lease_max_s) + timedelta(seconds=1))
        cases = dispatch.keys() | escalation.keys()
        seen += len(cases)
        for report_id in sorted(cases):
            found += audit_case(dispatch.get(report_id), escalation.get(report_id), moment)
    return seen, found


async def _cases(mongo: Database, service: str, ids: list[str]) -> dict[str, dict[str, Any]]:
    found = mongo[f"{service}_cases"].find({"_id": {"$in": ids}}, FIELDS)
    return {document["_id"]: document async for document in found}
