"""From a request to the events of a report: the filing, and the word on the report that it follows or joins."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.intake.authentication import own_role, speaker
from services.intake.checks import Door, needs_of_routine, report_mistakes
from services.intake.idempotency import other_content
from services.intake.lenience import Read, keep_in_text
from services.intake.link_checks import foreign
from services.intake.linking import Told, followed, joined_at_filing
from services.intake.phones import read_phone
from services.intake.problems import Refusal
from services.intake.wording import fields, unknown, words
from shared.contracts.commands import ReportRequest
from shared.contracts.event import Speaker
from shared.contracts.ids import ReportId
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import topic_of
from shared.contracts.vocabulary import Channel, Form, Lane, lane_of
from shared.domain.estates.places import place_short
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller

WRITTEN: frozenset[Channel] = frozenset({"written", "app"})


class Acceptance(NamedTuple):
    """What makes an event this one: its id, when it was accepted, who said it."""

    event_id: UUID
    accepted_at: datetime
    by: Speaker


def looked_at(read: Read, door: Door) -> Read:
    """A routine report with mistakes is refused; an emergency keeps what was said in its text."""
    request = read.request
    wrong = report_mistakes(request, door)
    if lane_of(request.category, request.kind) == "emergency":
        if not wrong:
            return read
        kept = keep_in_text(request, wrong)
        named = {mistake.field: mistake for mistake in (*kept.unread, *read.unread)}
        return Read(kept.request, tuple(named.values()))
    if foreign(request.follows, door.estate) or foreign(request.same_event_as, door.estate):
        raise unknown("报事", "report")
    if any(m.field == "by" for m in wrong):
        raise Refusal(403, "not-your-role", words("该密钥不能代表此岗位", "This key may not speak for that role"))
    if (silent := needs_of_routine(request)) is not None:
        wrong.append(silent)
    if wrong:
        raise fields(wrong)
    return read


def speaker_of(request: ReportRequest, caller: Caller) -> Speaker:
    return speaker(request.by) if request.by else Speaker(role=own_role(caller))


def filed(request: ReportRequest, estate: Estate, taken: Acceptance) -> list[Told]:
    """The report, after what the one that it joins is told and before what the one that it follows is told.

    The same acceptance gives the same events. A report that names itself comes of a key used for two reports.

    What is written up from paper joins in its row only: it pages nobody, and counts no household (SOP S9).
    """
    lane = lane_of(request.category, request.kind)
    report_id = str(ReportId(lane, request.category, estate.estate, taken.event_id.hex))
    report = _report(request, estate, taken, report_id, lane)
    if report_id in (request.follows, request.same_event_as):
        raise other_content()
    told = [Told(report, topic_of("reports", lane, request.category))]
    if request.same_event_as and not request.written_up:
        told.insert(0, joined_at_filing(request.same_event_as, report))
    if request.follows:
        told.append(followed(request.follows, report))
    return told


def form_of(request: ReportRequest) -> Form | None:
    """An inquiry is written when it came by letter or app, else oral (SOP S4)."""
    if request.form or request.category != "inquiry":
        return request.form
    return "written" if request.channel in WRITTEN else "oral"


def _report(request: ReportRequest, estate: Estate, taken: Acceptance, report_id: str, lane: Lane) -> ReportFiled:
    building, short = place_of(request, estate)
    return ReportFiled(
        event_id=taken.event_id,
        report_id=report_id,
        estate_id=estate.estate,
        occurred_at=request.occurred_at or taken.accepted_at,
        accepted_at=taken.accepted_at,
        category=request.category,
        lane=lane,
        kind=request.kind,
        urgency=request.urgency,
        weather=request.weather,
        grade=request.grade,
        channel=request.channel,
        form=form_of(request),
        place=request.place or request.patient_place or None,
        place_short=short,
        building=building,
        text=request.text,
        reporter=request.reporter or None,
        reporter_phone=phone(request.reporter_phone),
        patient_place=request.patient_place or None,
        patient_phone=phone(request.patient_phone),
        relation=request.relation or None,
        signs=tuple(dict.fromkeys(request.signs)),
        help=tuple(dict.fromkeys(request.help)),
        wished_by=request.wished_by or None,
        vulnerable=request.vulnerable or None,
        appointment_at=request.appointment_at,
        language=request.language,
        drill=request.drill,
        written_up=request.written_up,
        follows=request.follows,
        clock_from=request.clock_from,
        same_event_as=request.same_event_as,
        by=taken.by,
    )


def place_of(request: ReportRequest, estate: Estate) -> tuple[str | None, str | None]:
    """Building and pager name: of the patient's place in a medical case, not of the caller's (SOP S3.0)."""
    patient_first = request.category == "medical"
    place = (request.patient_place if patient_first else None) or request.place or request.patient_place
    return place_short(estate, place) if place else (None, None)


def phone(said: str | None) -> str | None:
    """As it is dialled; looked at before, so what cannot be read is not lost here."""
    return (read_phone(said) or said) if said else None
