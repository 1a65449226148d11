"""What another report is told, on its own key, of a report that carries it on or is one event with it.

Made durable with the event that says so; the same event gives the same ids. A report is told of another's joining
before that one stands down, and told that it is carried on only after the report that does so is filed.
"""

import re
from typing import Any, NamedTuple

from shared.contracts.event import Event
from shared.contracts.ids import fact_id, parse_report_id
from shared.contracts.replies import ReportFollowed, ReportJoined, ReportLinked
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import topic_of
from shared.domain.estates.places import place_short, plain
from shared.domain.estates.roster import Estate

_LONGEST = 80
_ROOM = re.compile("(?<![0-9])[0-9]{3,4}[A-Z]?(?=(?:室|号|房)?$)")


class Told(NamedTuple):
    """An event and the topic it goes to. Several are kept in their order: what ends a case stands last."""

    event: Event
    topic: str


def followed(first: str, report: ReportFiled) -> Told:
    """`report.followed`: the first one is closed by a fact, and its clock goes on in the new one."""
    return _said(ReportFollowed(**_beside(report, "followed", first), by_report_id=report.report_id))


def joined_at_filing(main: str, report: ReportFiled) -> Told:
    """`report.joined`, of a caller's own report."""
    event = ReportJoined(
        **_beside(report, "joined", main),
        by_report_id=report.report_id,
        household=household_of(report.place_short, report.place),
        drill=report.drill,
    )
    return _said(event)


def joined_later(linked: ReportLinked, estate: Estate) -> Told:
    """`report.joined`, of a report filed before; an id does not say whether that one is a drill."""
    event = ReportJoined(
        **_beside(linked, "joined", linked.to_report_id),
        heard_by=linked.heard_by,
        by_report_id=linked.report_id,
        household=household_of(place_short(estate, linked.household)[1], linked.household)
        if linked.household
        else None,
    )
    return _said(event)


def household_of(short: str | None, place: str | None) -> str | None:
    """The room that is named, 1201室 as 1201. Three callers about one courtyard are three, not one (SOP S8)."""
    for name in (short, plain(place) if place else None):
        if name and (room := _ROOM.search(name)):
            return name[: room.end()][:_LONGEST]
    return None


def _beside(cause: ReportFiled | ReportLinked, name: str, key: str) -> dict[str, Any]:
    return {
        # With its key: the same cause may come again with another target where no MongoDB compared the two.
        "event_id": fact_id("intake", cause.event_id, f"{name}|{key}", 0),
        "report_id": key,
        "estate_id": cause.estate_id,
        "occurred_at": cause.occurred_at,
        "accepted_at": cause.accepted_at,
        "because_of": cause.event_id,
        "by": cause.by,
    }


def _said(event: ReportFollowed | ReportJoined) -> Told:
    return Told(event, topic_of("replies", parse_report_id(event.report_id).lane))
