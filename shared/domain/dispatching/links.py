"""Reports of one event, and reports that carry another on. Only a person says so; whoever is linked loses nothing.

A case sees its own report alone, so the main report is told by an event of its own (`report.joined`). Where a link
leads to a report that does nothing any more, somebody is told: otherwise an accepted report would go nowhere.
"""

from datetime import datetime, timedelta

from shared.contracts.event import Addressee, Words
from shared.contracts.ids import parse_report_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import ReportFollowed, ReportJoined, ReportLinked
from shared.contracts.tasks import ReportChanged
from shared.contracts.vocabulary import Role
from shared.domain.dispatching import notices
from shared.domain.dispatching.endings import end_case
from shared.domain.dispatching.opening import open_on
from shared.domain.dispatching.refusals import refuse
from shared.domain.dispatching.state import is_closed
from shared.domain.dispatching.work import SERVICE, Work
from shared.domain.estates.places import SEE_DESK
from shared.domain.estates.roster import holders
from shared.domain.rules import Cause, State, World, next_version

STRAY = "stray_link"
_TOLD: tuple[Role, ...] = ("customer_assistant", "service_head")


def on_linked(work: Work, said: ReportLinked) -> None:
    """One event with another report: only this caller is still to be answered."""
    if said.to_report_id == work.event.report_id:
        refuse(work, "same_report")
    elif said.to_report_id in work.state.get("joined", ()):
        refuse(work, "linked_here", said.to_report_id)
    elif not work.state.get("ending"):
        work.add(ReportChanged, linked_to=said.to_report_id, ending="linked")
        end_case(work, "linked")
        open_on(work, "linked")


def on_joined(work: Work, said: ReportJoined) -> None:
    """Somebody relies on this case: told at once if it is over, goes on elsewhere, or is a drill."""
    if _is_stray(work, said):
        notices.on_event(work, STRAY)


def tell_of_joined(work: Work) -> None:
    """One caller's false alarm is not that of the others who were linked to it, nor of the report it carries on."""
    if work.state.get("joined") or work.report.get("follows"):
        notices.on_event(work, STRAY)


def _is_stray(work: Work, said: ReportJoined) -> bool:
    over = is_closed(work.state) or bool(work.state.get("ending"))
    return over or (work.is_drill and not said.drill)


def on_followed(work: Work, said: ReportFollowed) -> None:
    """The report that carries this one on does what is left to do."""
    if not work.state.get("ending"):
        work.add(ReportChanged, ending="followed", followed_by=said.by_report_id)
        end_case(work, "followed")


def never_came(state: State, joined: ReportJoined, now: datetime, world: World) -> NoticeIssued:
    """The report that another was linked to does not exist: a mistyped id must not swallow an emergency."""
    about = parse_report_id(joined.report_id)
    notice = world.playbooks.of(about.category).notices[STRAY]
    words = Words(
        zh=notice.zh.replace("{place}", SEE_DESK.zh),
        en=notice.en.replace("{place}", SEE_DESK.en),
    )
    return NoticeIssued(
        **Cause(SERVICE, joined, now, next_version(state)).common("notice.issued", 1),
        name=STRAY,
        clause=notice.clause,
        playbook=about.category,
        to=_first_there(world, now),
        words=words,
        urgency=about.lane,
        valid_until=now + timedelta(hours=24),
    )


def _first_there(world: World, now: datetime) -> Addressee:
    for role in _TOLD:
        for holder in holders(world.estate, role, now):
            return Addressee(role=role, post=holder.post, person=holder.person)
    return Addressee(role=_TOLD[0])
