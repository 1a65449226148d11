"""Many reports of the log rehearsed, one after the other: what the command and the page's own process both do."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from services.register.rehearsal_settings import RehearsalSettings
from services.register.store import EVENTS, ROWS
from shared.contracts.event import Words
from shared.contracts.history import CLASSES
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rehearsal.comparing import Bounds, Rehearsed, rehearse
from shared.domain.rehearsal.record import Heard, Record, record_of
from shared.domain.rehearsal.showing import Plain, shown
from shared.domain.rehearsal.summing import totals
from shared.domain.rules import World
from shared.platform.clock import Clock
from shared.platform.errors import Rejected
from shared.platform.estate_store import Stored
from shared.platform.mongo import Database, Document

SETTLED_S = 5.0
_READ = {"_id": False, "type": True, "body": True, "at": True}


class Span(NamedTuple):
    """Reports received in it, of these estates, or one of them; all are cut at its end."""

    estates: tuple[str, ...]
    since: datetime
    until: datetime
    report_id: str | None = None


class Change(NamedTuple):
    """`installed`: the playbooks at hand, by which the record is judged; `playbooks` and `estates` replace."""

    installed: Playbooks
    playbooks: Playbooks
    estates: Mapping[str, Estate]


def settled(until: datetime, clock: Clock) -> datetime:
    """No later than what is certainly in the log by now: what is to come would seem to be missing from it."""
    return min(until, clock.now() - clock.real_seconds(SETTLED_S))


async def rehearsed(
    mongo: Database, span: Span, change: Change, stored: Mapping[str, Stored], limits: RehearsalSettings, most: int
) -> dict[str, Any]:
    """Raises `Rejected` for more than is allowed at once. Reads only; nobody is told anything."""
    refuse_long(span, limits)
    chosen = await _chosen(mongo, span, most)
    tolerance, beaten = timedelta(milliseconds=limits.tolerance_ms), timedelta(seconds=limits.late_s)
    bounds = Bounds(span.until, limits.facts, tolerance, beaten)
    kept: list[Rehearsed] = []
    real, drills = _Sum(), _Sum()
    async for record in _records(mongo, [row["_id"] for row in chosen if not row.get("written_up")], span.until):
        one = _rehearsed(record, change, stored, bounds)
        (drills if one.drill else real).add(one)
        kept = sorted([*kept, one], key=_first)[: limits.shown] if len(kept) >= limits.shown else [*kept, one]
    kept.sort(key=lambda one: (one.filed_at, one.report_id))
    return {
        "from": span.since,
        "to": span.until,
        "estates": span.estates,
        "real": real.total,
        "drills": drills.total,
        "written_up": sum(bool(row.get("written_up")) for row in chosen),
        "changed_since": sorted(code for code, one in stored.items() if _is_changed(one, span)),
        "reports": [shown(one, stored[one.estate_id].estate.zone, limits.rows) for one in kept],
        "not_shown": real.total["reports"] + drills.total["reports"] - len(kept),
    }


def refuse_long(span: Span, limits: RehearsalSettings) -> None:
    if span.since >= span.until:
        raise _refused("from", "起始时间须早于截止时间和现在", "from must be before to, and before now")
    if span.until - span.since > timedelta(days=limits.days):
        zh, en = f"一次最多预演{limits.days}天", f"at most {limits.days} days are rehearsed at once"
        raise _refused("to", zh, en)


async def _chosen(mongo: Database, span: Span, most: int) -> list[Document]:
    received = {"$gte": span.since, "$lt": span.until}
    query: Document = {"estate": {"$in": list(span.estates)}, "sorted_at": received}
    if span.report_id:
        query["_id"] = span.report_id
    found = mongo[ROWS].find(query, {"_id": True, "written_up": True}).sort("sorted_at").limit(most + 1)
    chosen = await found.to_list()
    if len(chosen) > most:
        zh = f"此期间报事多于{most}宗,请缩短时间或只选一个小区"
        raise _refused("to", zh, f"more than {most} reports in that time: choose a shorter one, or one estate")
    if span.report_id and not chosen:
        raise _refused("report", "此期间没有这宗报事", "no such report in that time")
    return chosen


def _refused(field: str, zh: str, en: str) -> Rejected:
    return Rejected(422, "rehearsal", Words(zh=zh, en=en), field)


async def _records(mongo: Database, report_ids: list[str], until: datetime) -> AsyncIterator[Record]:
    """One report in memory at a time. What is older than any class here, and a row without its filing, is left."""
    for report_id in report_ids:
        log = await mongo[EVENTS].find({"report_id": report_id}, _READ).to_list()
        heard = [Heard(d["at"], CLASSES[d["type"]].model_validate(d["body"])) for d in log if d["type"] in CLASSES]
        if record := record_of(heard, until):
            yield record


def _rehearsed(record: Record, change: Change, stored: Mapping[str, Stored], bounds: Bounds) -> Rehearsed:
    estate = stored[record.estate_id].estate
    now = World(change.estates.get(record.estate_id, estate), change.playbooks)
    return rehearse(record, World(estate, change.installed), now, bounds)


def _is_changed(one: Stored, span: Span) -> bool:
    """Only the newest file of an estate is kept, so that earlier reports are judged by what came after them."""
    return one.estate.estate in span.estates and bool(one.applied_at and one.applied_at > span.since)


def _first(one: Rehearsed) -> tuple[bool, datetime]:
    return (not one.differs, one.filed_at)


class _Sum:
    """Totals as they grow, so that no rehearsed report has to be kept for them."""

    def __init__(self) -> None:
        self.total: Plain = totals([])

    def add(self, one: Rehearsed) -> None:
        self.total = _added(self.total, totals([one]))


def _added(one: Plain, other: Plain) -> Plain:
    return {
        name: _added(value, other[name]) if isinstance(value, dict) else value + other[name]
        for name, value in one.items()
    }
