"""What is wrong with shifts, rotations, swaps, absences and the desk at night."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations

from shared.contracts.event import Words
from shared.domain.estates.draft import Draft, Problem, planned
from shared.domain.estates.rows import REST, Rotation, Swap

_ENDS_FIRST = Words(zh="结束早于开始", en="ends before it starts")


def _shifts(draft: Draft) -> Iterator[Problem]:
    for on in planned(draft):
        if not on.row.persons:
            yield on.problem("persons", Words(zh="班次没有人", en="a shift of nobody"))
    for row, shift in draft.shifts:
        if any(day not in range(1, 8) for day in shift.days):
            days = Words(zh="星期以1(周一)到7(周日)表示", en="days are 1 (Monday) to 7 (Sunday)")
            yield Problem("shifts", row, "days", days)
        if shift.from_date and shift.to_date and shift.to_date < shift.from_date:
            yield Problem("shifts", row, "to_date", _ENDS_FIRST)


def _rotations(draft: Draft) -> Iterator[Problem]:
    for row, rotation in draft.rotations:
        if rotation.to_date and rotation.to_date < rotation.from_date:
            yield Problem("rotations", row, "to_date", _ENDS_FIRST)
        if REST in rotation.hours:
            zh, en = f"{REST} 是休息,没有时间", f"{REST} means that nobody comes, it has no hours"
            yield Problem("rotations", row, f"hours.{REST}", Words(zh=zh, en=en))
        yield from (Problem("rotations", row, field, words) for field, words in _pattern(rotation))
        yield from (Problem("rotations", row, field, words) for field, words in _offsets(rotation))


def _pattern(rotation: Rotation) -> Iterator[tuple[str, Words]]:
    known = (*(name for name in rotation.hours if name != REST), REST)
    for number, run in enumerate(rotation.pattern, start=1):
        if run.shift not in known:
            zh, en = (
                f"hours 里没有:{run.shift};有 {'、'.join(known)}",
                f"not in hours: {run.shift}; {', '.join(known)}",
            )
            yield f"pattern.{number}.shift", Words(zh=zh, en=en)
    if all(run.shift == REST for run in rotation.pattern):
        yield "pattern", Words(zh="只有休息,没有人上班", en="nothing but rest, nobody ever comes")


def _offsets(rotation: Rotation) -> Iterator[tuple[str, Words]]:
    days = rotation.length
    for number, team in enumerate(rotation.teams, start=1):
        if not 0 <= team.offset < days:
            zh, en = f"周期共{days}天,只能是0到{days - 1}", f"the pattern has {days} days: 0 to {days - 1}"
            yield f"teams.{number}.offset", Words(zh=zh, en=en)


def _swaps(draft: Draft) -> Iterator[Problem]:
    for row, swap in draft.swaps:
        if swap.persons[0] == swap.persons[1]:
            yield Problem("swaps", row, "persons", Words(zh="不能与本人换班", en="nobody swaps with himself"))
        if bool(swap.day) == bool(swap.from_date or swap.to_date):
            one = Words(zh="写 day,或写 from_date 与 to_date", en="either day, or from_date and to_date")
            yield Problem("swaps", row, "day", one)
        elif not swap.day and not (swap.from_date and swap.to_date):
            both = Words(zh="from_date 与 to_date 都要写", en="from_date and to_date are both needed")
            yield Problem("swaps", row, "from_date" if swap.to_date else "to_date", both)
        elif swap.from_date and swap.to_date and swap.to_date < swap.from_date:
            yield Problem("swaps", row, "to_date", _ENDS_FIRST)


def _swapped_twice(draft: Draft) -> Iterator[Problem]:
    """After two swaps at once no two readers of the file would agree on who comes."""
    dated = [(n, swap) for n, swap in draft.swaps if swap.day or (swap.from_date and swap.to_date)]
    for (first, one), (row, other) in combinations(dated, 2):
        (start, end), (begin, finish) = _days_of(one), _days_of(other)
        both = sorted(set(one.persons) & set(other.persons))
        if both and start <= finish and begin <= end:
            name = both[0]
            zh, en = f"{name} 同一天换两次(见 swaps#{first})", f"{name} swaps twice on one day (see swaps#{first})"
            yield Problem("swaps", row, "persons", Words(zh=zh, en=en))


def _days_of(swap: Swap) -> tuple[date, date]:
    return swap.day or swap.from_date or date.min, swap.day or swap.to_date or date.max


def _absences(draft: Draft) -> Iterator[Problem]:
    for row, absence in draft.absences:
        if absence.end <= absence.start:
            yield Problem("absences", row, "end", Words(zh="结束不晚于开始", en="ends before it starts"))
        if absence.stand_in == absence.person:
            himself = Words(zh="不能由本人代班", en="nobody stands in for himself")
            yield Problem("absences", row, "stand_in", himself)


def _two_stand_ins(draft: Draft) -> Iterator[Problem]:
    for (first, one), (row, other) in combinations(draft.absences, 2):
        at_once = one.person == other.person and one.start < other.end and other.start < one.end
        if at_once and one.stand_in and other.stand_in and one.stand_in != other.stand_in:
            zh, en = f"同时有两个代班人(见 absences#{first})", f"two stand-ins at once (see absences#{first})"
            yield Problem("absences", row, "stand_in", Words(zh=zh, en=en))


def _night_desk(draft: Draft) -> Iterator[Problem]:
    """The control room takes the desk's place only where there is one."""
    if not draft.night_desk or {"shifts", "rotations"} & draft.malformed:
        return
    if not any("control_room" in on.row.roles for on in planned(draft)):
        zh, en = "没有人担任 control_room,夜间无人接替前台", "nobody ever is control_room, to take the desk's place"
        yield Problem("", 0, "night_desk", Words(zh=zh, en=en))


ROSTER_CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _shifts,
    _rotations,
    _swaps,
    _swapped_twice,
    _absences,
    _two_stand_ins,
    _night_desk,
)
