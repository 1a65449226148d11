"""What the door sees wrong in a report that is well-formed: the class, clocks and phone numbers."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.intake.link_checks import following_mistakes
from services.intake.phones import read_phone
from services.intake.problems import Mistake
from services.intake.wording import words
from shared.contracts.commands import ReportRequest
from shared.contracts.event import Words
from shared.contracts.vocabulary import KINDS, Category, Grade, Role

PHONES = ("reporter_phone", "patient_phone")
_GRADES: dict[Category, frozenset[Grade]] = {"complaint": frozenset({"major", "important", "minor"})}
_EMERGENCY_GRADES: frozenset[Grade] = frozenset({"major", "ordinary"})

_PHONE_WAY_OUT = words(
    "手机11位;座机带区号,分机写转801;外国号码以+开头",
    "Mobile of 11 digits; landline with area code, `ext 801`; foreign numbers with +",
)


class Door(NamedTuple):
    """What the door knows when a report is looked at. `oldest`: from when a clock that goes on may come."""

    estate: str
    roles: frozenset[Role]
    now: datetime
    latest: datetime
    oldest: datetime


def phone_mistake(field: str) -> Mistake:
    return Mistake(field, words("不是电话号码", "Not a phone number"), _PHONE_WAY_OUT)


def kind_mistake(category: Category, kind: str | None) -> Mistake | None:
    """A kind that the class does not have."""
    known = KINDS.get(category, frozenset())
    if kind is None or kind in known:
        return None
    homes = [c for c in KINDS if kind in KINDS[c]]
    why = words(f"{category}没有{kind}这一种", f"{category} has no kind {kind}")
    return Mistake("kind", why, words(f"请报{'/'.join(homes)}", f"File it as {' or '.join(homes)}"))


def grade_mistake(category: Category, grade: Grade | None) -> Mistake | None:
    """Grades of a complaint (SOP S8) are not those of an emergency (SOP S3.4)."""
    known = _GRADES.get(category, _EMERGENCY_GRADES)
    if grade is None or grade in known:
        return None
    choices = "/".join(sorted(known))
    return Mistake("grade", words("该类没有这一级", "Not a grade of this class"), words(choices, choices))


def future_mistake(field: str, at: datetime | None, latest: datetime) -> Mistake | None:
    if at is None or at <= latest:
        return None
    return Mistake(field, words("时间在将来", "In the future"), words("请核对时间", "Check the time"))


def report_mistakes(request: ReportRequest, door: Door) -> list[Mistake]:
    """All of them; a routine report is refused for any, an emergency keeps what was said in its text."""
    found = [
        kind_mistake(request.category, request.kind),
        grade_mistake(request.category, request.grade),
        future_mistake("occurred_at", request.occurred_at, door.latest),
        future_mistake("clock_from", request.clock_from, door.latest),
        _help_mistake(request),
        _weather_mistake(request),
        None if request.written_up else appointment_mistake(request.appointment_at, door.now),
        _NO_TIME if request.written_up and not request.occurred_at else None,
        _role_mistake(request, door.roles),
        *following_mistakes(request, door.estate, door.oldest),
        *(phone_mistake(f) for f, said in _phones(request) if said and read_phone(said) is None),
    ]
    return [mistake for mistake in found if mistake is not None]


def needs_of_routine(request: ReportRequest) -> Mistake | None:
    """A routine report says something, or where to ask; an emergency need not (SOP S3.0)."""
    if request.text.strip() or request.place or request.reporter_phone:
        return None
    return Mistake("text", words("没有内容", "Nothing is said"), words("请写明什么事", "Say what it is about"))


def _phones(request: ReportRequest) -> tuple[tuple[str, str | None], ...]:
    return (("reporter_phone", request.reporter_phone), ("patient_phone", request.patient_phone))


def _help_mistake(request: ReportRequest) -> Mistake | None:
    if not request.help or request.category == "medical":
        return None
    return Mistake(
        "help", words("只有急救病人才选帮助", "Only medical reports choose help"), words("请去掉", "Leave it out")
    )


def _role_mistake(request: ReportRequest, roles: frozenset[Role]) -> Mistake | None:
    if request.by is None or request.by.role in roles:
        return None
    return Mistake("by", _NOT_YOURS, words("请换本岗位的密钥", "Use a key of that role"))


_NOT_YOURS: Words = words("该密钥不能代表此岗位", "This key may not speak for that role")
_NO_TIME = Mistake(
    "occurred_at",
    words("补录没有写明发生时间", "Written up without the time it happened"),
    words("填纸面记录的时间", "Give the time on paper"),
)
_NO_WEATHER = Mistake(
    "weather",
    words("只有大风等灾害才有预警颜色", "Only a gale has a warning's colour"),
    words("请去掉,或报disaster/gale", "Leave it out, or file it as disaster, gale"),
)


def _weather_mistake(request: ReportRequest) -> Mistake | None:
    """A colour before the kind is known may still be that of a gale (SOP S6)."""
    gale = request.category == "disaster" and request.kind in (None, "gale")
    return _NO_WEATHER if request.weather and not gale else None


def appointment_mistake(at: datetime | None, now: datetime) -> Mistake | None:
    """An appointment that is over is none; on paper it may be."""
    if at is None or at > now:
        return None
    return Mistake(
        "appointment_at", words("预约时间已过", "In the past"), words("写将来的时间", "Give a later time")
    )


def latest_of(now: datetime, ahead_s: float) -> datetime:
    """A caller's clock may run a little ahead of ours."""
    return now + timedelta(seconds=ahead_s)
