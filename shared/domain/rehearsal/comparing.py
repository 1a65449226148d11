"""A report rehearsed: what happened beside what would have happened, and whether the record can be played."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from shared.contracts.event import Fact
from shared.domain.playbooks.own_rows import Override
from shared.domain.rehearsal.aligning import Pair, align
from shared.domain.rehearsal.record import Record
from shared.domain.rehearsal.replay import Played, Replay, Unfit
from shared.domain.rehearsal.told import told_by
from shared.domain.rules import World

_ROWS = TypeAdapter(tuple[Override, ...])


class Bounds(NamedTuple):
    """`until`: where every report is cut. `facts`: after so many of one report its play is cut.

    `tolerance`: what is told within it of when it was told is told at the same time. `beaten`: how late a ticker
    may have been.
    """

    until: datetime
    facts: int = 5000
    tolerance: timedelta = timedelta(seconds=1)
    beaten: timedelta = timedelta(seconds=2)


class Rehearsed(NamedTuple):
    """`faithful`: the rules and files of then give what is recorded; None where that version is not at hand.

    Where it is False, the estate's file was changed since, or a machine was held up in a way that the record does
    not tell, and a difference need not come from the change. `versions`: of the playbook, then and now.
    """

    report_id: str
    estate_id: str
    drill: bool
    filed_at: datetime
    pairs: tuple[Pair, ...]
    unfit: tuple[Unfit, ...]
    faithful: bool | None
    versions: tuple[int | None, int]
    stopped_at: datetime | None

    @property
    def differs(self) -> bool:
        return bool(self.unfit) or any(pair.status != "same" or pair.reworded for pair in self.pairs)


def rehearse(record: Record, then: World, now: World, bounds: Bounds) -> Rehearsed:
    """`then`: the estate and playbooks at hand, of which the record's own version and rows are taken."""
    past = as_recorded(record, then)
    basis = _played(record, past, None, bounds) if past else None
    played = _played(record, now, basis, bounds)
    cut = min(filter(None, (played.stopped_at, bounds.until)))
    recorded = [fact for fact in record.facts if fact.accepted_at <= cut]
    pairs = align(told_by(recorded), told_by(f for f in played.facts if f.accepted_at <= cut), bounds.tolerance)
    category = record.filed.category
    return Rehearsed(
        report_id=record.report_id,
        estate_id=record.estate_id,
        drill=record.filed.drill,
        filed_at=record.inputs[0].at,
        pairs=tuple(pairs),
        unfit=tuple(one for one in played.unfit if one.at <= cut),
        faithful=_is_faithful(record, basis, bounds) if basis else None,
        versions=(record.opened.playbook_version if record.opened else None, now.playbooks.of(category).version),
        stopped_at=played.stopped_at,
    )


def as_recorded(record: Record, world: World) -> World | None:
    """With the playbook's version, and the estate's own rows, that the report began with; None without them."""
    opened = record.opened
    if opened is None:
        return None
    try:
        book = world.playbooks.of(opened.playbook, opened.playbook_version)
    except KeyError:
        return None
    rows = _ROWS.validate_json(opened.overrides) if opened.overrides else ()
    newest = {**world.playbooks.by_category, opened.playbook: book}
    playbooks = world.playbooks.model_copy(update={"by_category": newest})
    return World(world.estate.model_copy(update={"overrides": rows}), playbooks)


def _played(record: Record, world: World, basis: Played | None, bounds: Bounds) -> Played:
    quiet = None
    if basis:
        quiet = {name: due for name, due in basis.armed.items() if name not in record.rang}
    return Replay(record, world, quiet, bounds.beaten).play(bounds.until, bounds.facts)


def _is_faithful(record: Record, basis: Played, bounds: Bounds) -> bool:
    """Everything decided, word for word; not only who was told.

    But for the count of a case's decisions: topics are read in no common order, and events that decide nothing
    count too.
    """
    cut = min(filter(None, (basis.stopped_at, bounds.until)))
    return _by_id(record.facts, cut) == _by_id(basis.facts, cut)


def _by_id(facts: Iterable[Fact], cut: datetime) -> dict[UUID, Fact]:
    return {fact.event_id: fact.model_copy(update={"case_version": 0}) for fact in facts if fact.accepted_at < cut}
