"""A rehearsed report as plain values, for a terminal, a page and a program alike."""

from datetime import datetime, tzinfo
from typing import Any

from shared.domain.rehearsal.aligning import Pair
from shared.domain.rehearsal.comparing import Rehearsed
from shared.domain.rehearsal.replay import Unfit
from shared.domain.rehearsal.told import Told

Plain = dict[str, Any]


def shown(one: Rehearsed, zone: tzinfo, most: int) -> Plain:
    """What differs comes first to be kept where there are more than `most` rows; `left_out` counts the others."""
    keep = {id(pair) for pair in sorted(one.pairs, key=_is_alike)[:most]}
    rows = [pair for pair in one.pairs if id(pair) in keep]
    unfit = one.unfit[:most]
    return {
        "report_id": one.report_id,
        "estate": one.estate_id,
        "drill": one.drill,
        "filed_at": one.filed_at,
        "filed_clock": _clock(one.filed_at, zone),
        "differs": one.differs,
        "faithful": one.faithful,
        "version_then": one.versions[0],
        "version_now": one.versions[1],
        "stopped_clock": _clock(one.stopped_at, zone) if one.stopped_at else None,
        "rows": [_row(pair, zone) for pair in rows],
        "unfit": [_unfit(row, zone) for row in unfit],
        "left_out": len(one.pairs) - len(rows) + len(one.unfit) - len(unfit),
    }


def _is_alike(pair: Pair) -> bool:
    return pair.status == "same" and not pair.reworded


def _row(pair: Pair, zone: tzinfo) -> Plain:
    return {
        "status": pair.status,
        "by_s": round(pair.by.total_seconds(), 3) if pair.then and pair.now else None,
        "reworded": pair.reworded,
        "then": _side(pair.then, zone),
        "now": _side(pair.now, zone),
    }


def _side(told: Told | None, zone: tzinfo) -> Plain | None:
    if told is None:
        return None
    to = told.to
    return {
        "at": told.at,
        "clock": _clock(told.at, zone),
        "cause": told.cause,
        "what": told.what,
        "about": told.about,
        "limit": told.clock,
        "role": to.role,
        "post": to.post,
        "person": to.person,
        "department": to.department,
        "words": {"zh": told.words.zh, "en": told.words.en} if told.words else None,
    }


def _unfit(row: Unfit, zone: tzinfo) -> Plain:
    """Nothing of what was said but its kind: what people write is not for this."""
    return {
        "at": row.at,
        "clock": _clock(row.at, zone),
        "role": row.by.role,
        "post": row.by.post,
        "person": row.by.person,
        "said": row.said,
        "task": ".".join(row.task_id.rsplit(".", 2)[1:]) if row.task_id else None,
        "why": row.why,
        "words": {"zh": row.words.zh, "en": row.words.en},
    }


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M:%S}"
