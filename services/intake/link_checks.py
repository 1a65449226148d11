"""What the door sees wrong in a report that names another one: what would end or count a case that must live on."""

from datetime import datetime

from services.intake.problems import Mistake
from services.intake.wording import words
from shared.contracts.commands import ReportRequest
from shared.contracts.ids import BadId, parse_report_id
from shared.contracts.vocabulary import Category, Lane, lane_of

NOT_ONE_EVENT = words(
    "不同类或不同急缓的报事不是同一事件", "A report of another class or lane is not the same event"
)
FILE_ALONE = words("请单独报事,或用 follows 另立", "File it by itself, or as one that follows")
_GONE = words("本小区没有这个报事", "No such report in this estate")
_CHECK_ID = words("请核对编号", "Check the id")
_WITHOUT = words("请去掉follows", "Leave out follows")
_CLOCK_MISSING = Mistake(
    "clock_from",
    words("承接的报事要沿用原时限", "A report that follows another keeps its clock"),
    words("填原报事的accepted_at", "Give the first report's accepted_at"),
)
_CLOCK_ALONE = Mistake("clock_from", words("没有follows", "Without follows"), words("请补follows", "Add follows"))
_CLOCK_OLD = Mistake(
    "clock_from",
    words("原时限过早", "A clock that began too long ago"),
    words("填原报事的accepted_at", "Give the first report's accepted_at"),
)
_FROM_PAPER = Mistake(
    "follows", words("补录不派人,不能承接报事", "What is written up sends nobody and carries nothing on"), _WITHOUT
)
_IN_A_DRILL = Mistake(
    "follows", words("演习不能承接报事", "A drill carries no report on: it might end a real one"), _WITHOUT
)
_BOTH = Mistake(
    "same_event_as",
    words("承接报事的不能又并入", "What carries a report on is not linked: nobody would be left to act"),
    words("follows和same_event_as只填一个", "Give one of follows and same_event_as"),
)


def foreign(report_id: str | None, estate: str) -> bool:
    """Whether it is no report of this estate."""
    if not report_id:
        return False
    try:
        return parse_report_id(report_id).estate != estate
    except BadId:
        return True


def may_be_one_event(other: str, lane: Lane, category: Category) -> bool:
    """A linked report sends nobody, so it may only lean on one of its own lane and class."""
    about = parse_report_id(other)
    return (about.lane, about.category) == (lane, category)


def following_mistakes(request: ReportRequest, estate: str, oldest: datetime) -> list[Mistake]:
    """A linked report names a report of the same estate and keeps its clock (SOP S1), but no clock without it."""
    if not (request.follows or request.same_event_as or request.clock_from):
        return []
    named = (("follows", request.follows), ("same_event_as", request.same_event_as))
    found = [Mistake(field, _GONE, _CHECK_ID) for field, other in named if foreign(other, estate)]
    if request.same_event_as and not foreign(request.same_event_as, estate) and not _one_event(request):
        found.append(Mistake("same_event_as", NOT_ONE_EVENT, FILE_ALONE))
    found += _ends_another(request)
    stands = bool(request.follows) and all(mistake.field != "follows" for mistake in found)
    return [*found, *_of_clock(request.clock_from, stands, oldest)]


def _of_clock(clock_from: datetime | None, follows: bool, oldest: datetime) -> list[Mistake]:
    if clock_from is None:
        return [_CLOCK_MISSING] if follows else []
    if not follows:
        return [_CLOCK_ALONE]
    return [_CLOCK_OLD] if clock_from < oldest else []


def _ends_another(request: ReportRequest) -> list[Mistake]:
    """Following closes the first report, so whatever does nothing itself may not follow."""
    if not request.follows:
        return []
    wrong = ((request.written_up, _FROM_PAPER), (request.drill, _IN_A_DRILL), (bool(request.same_event_as), _BOTH))
    return [mistake for is_so, mistake in wrong if is_so]


def _one_event(request: ReportRequest) -> bool:
    other = request.same_event_as or ""
    return may_be_one_event(other, lane_of(request.category, request.kind), request.category)
