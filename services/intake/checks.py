"""What the door sees wrong in a report that is well-formed: the class, other reports, clocks and phone numbers."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.intake.phones import read_phone
from services.intake.problems import Mistake
from services.intake.wording import words
from shared.contracts.commands import ReportRequest
from shared.contracts.event import Words
from shared.contracts.ids import BadId, parse_report_id
from shared.contracts.vocabulary import KINDS, Category, Grade, Lane, Role, lane_of

PHONES = ("reporter_phone", "patient_phone")
_GRADES: dict[Category, frozenset[Grade]] = {"complaint": frozenset({"major", "important", "minor"})}
_EMERGENCY_GRADES: frozenset[Grade] = frozenset({"major", "ordinary"})

_PHONE_WAY_OUT = words(
    "手机11位;座机带区号,分机写转801;外国号码以+开头",
    "Mobile of 11 digits; landline with area code, `ext 801`; foreign numbers with +",
)


class Door(NamedTuple):
    """What the door knows when a report is looked at."""

    estate: str
    roles: frozenset[Role]
    latest: datetime


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


def foreign(report_id: str | None, estate: str) -> bool:
    """Whether it is no report of this estate."""
    if not report_id:
        return False
    try:
        return parse_report_id(report_id).estate != estate
    except BadId:
        return True


def report_mistakes(request: ReportRequest, door: Door) -> list[Mistake]:
    """All of them; a routine report is refused for any, an emergency keeps what was said in its text."""
    found = [
        kind_mistake(request.category, request.kind),
        grade_mistake(request.category, request.grade),
        future_mistake("occurred_at", request.occurred_at, door.latest),
        future_mistake("clock_from", request.clock_from, door.latest),
        _help_mistake(request),
        _role_mistake(request, door.roles),
        *_following(request, door.estate),
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


_GONE = words("本小区没有这个报事", "No such report in this estate")
_CHECK_ID = words("请核对编号", "Check the id")
NOT_ONE_EVENT = words(
    "不同类或不同急缓的报事不是同一事件", "A report of another class or lane is not the same event"
)
FILE_ALONE = words("请单独报事,或用 follows 另立", "File it by itself, or as one that follows")
_CLOCK_MISSING = Mistake(
    "clock_from",
    words("承接的报事要沿用原时限", "A report that follows another keeps its clock"),
    words("填原报事的accepted_at", "Give the first report's accepted_at"),
)
_CLOCK_ALONE = Mistake("clock_from", words("没有follows", "Without follows"), words("请补follows", "Add follows"))
_NOT_YOURS: Words = words("该密钥不能代表此岗位", "This key may not speak for that role")


def _following(request: ReportRequest, estate: str) -> list[Mistake]:
    """A linked report names a report of the same estate and keeps its clock (SOP S1)."""
    named = (("follows", request.follows), ("same_event_as", request.same_event_as))
    found = [Mistake(field, _GONE, _CHECK_ID) for field, other in named if foreign(other, estate)]
    if request.same_event_as and not foreign(request.same_event_as, estate) and not _one_event(request):
        found.append(Mistake("same_event_as", NOT_ONE_EVENT, FILE_ALONE))
    if request.follows and not request.clock_from:
        found.append(_CLOCK_MISSING)
    if request.clock_from and not request.follows:
        found.append(_CLOCK_ALONE)
    return found


def _one_event(request: ReportRequest) -> bool:
    other = request.same_event_as or ""
    return may_be_one_event(other, lane_of(request.category, request.kind), request.category)


def may_be_one_event(other: str, lane: Lane, category: Category) -> bool:
    """A linked report sends nobody, so it may only lean on one of its own lane and class."""
    about = parse_report_id(other)
    return (about.lane, about.category) == (lane, category)


def latest_of(now: datetime, ahead_s: float) -> datetime:
    """A caller's clock may run a little ahead of ours."""
    return now + timedelta(seconds=ahead_s)
