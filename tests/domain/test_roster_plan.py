"""The plan of a day, which is worked out once, says at every instant what the file says read afresh."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Estate, holders, posts_of, turns_of

ROLES: tuple[Role, ...] = ("guard", "control_room", "customer_assistant")
PEOPLE, POSTS = "abcde", ("p1", "p2", "p3")
FIRST = date(2026, 10, 20)
"""Clocks go back in Berlin on 25 October and in New York on 1 November."""

persons = st.sampled_from(PEOPLE)
days = st.dates(FIRST, FIRST + timedelta(days=16))
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0, minute=t.minute // 15 * 15))
instants = st.datetimes(datetime(2026, 10, 21), datetime(2026, 11, 4), timezones=st.just(UTC))


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    roles = st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True)
    people = st.lists(persons, min_size=1, max_size=2, unique=True)
    return {"persons": draw(people), "roles": draw(roles), "post": draw(st.sampled_from((*POSTS, None)))}


@st.composite
def shifts(draw: st.DrawFn) -> dict[str, Any]:
    weekdays = draw(st.lists(st.integers(1, 7), unique=True, max_size=4))
    return draw(rows()) | {"start": draw(clocks), "end": draw(clocks), "days": weekdays}


@st.composite
def rotations(draw: st.DrawFn) -> dict[str, Any]:
    runs = draw(st.lists(st.tuples(st.sampled_from(("x", "y", "rest")), st.integers(1, 3)), min_size=1, max_size=4))
    length = sum(many for _, many in runs)
    teams = [draw(rows()) | {"offset": draw(st.integers(0, length - 1))} for _ in range(draw(st.integers(1, 3)))]
    return {
        "id": "r",
        "hours": {name: [draw(clocks), draw(clocks)] for name in "xy"},
        "pattern": [{"shift": shift, "days": many} for shift, many in runs],
        "from_date": draw(days),
        "to_date": draw(st.none() | days),
        "teams": teams,
    }


@st.composite
def swaps(draw: st.DrawFn) -> dict[str, Any]:
    pair = draw(st.lists(persons, min_size=2, max_size=2, unique=True))
    first, last = sorted((draw(days), draw(days)))
    return {"persons": pair, "day": first} if draw(st.booleans()) else {
        "persons": pair, "from_date": first, "to_date": last,
    }  # fmt: skip


@st.composite
def absences(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(instants)
    end = start + timedelta(minutes=draw(st.integers(1, 3 * 24 * 60)))
    return {"person": draw(persons), "start": start, "end": end, "stand_in": draw(st.none() | persons)}


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    night = st.fixed_dictionaries({"start": clocks, "end": clocks})
    said = {
        "estate": "tiny",
        "zh": "小院",
        "en": "Tiny",
        "time_zone": draw(st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/New_York"))),
        "posts": [{"id": p, "zh": p, "role": "guard"} for p in POSTS],
        "shifts": draw(st.lists(shifts(), max_size=3)),
        "rotations": draw(st.lists(rotations(), max_size=2)),
        "swaps": draw(st.lists(swaps(), max_size=3)),
        "absences": draw(st.lists(absences(), max_size=4)),
        "night_desk": draw(st.none() | night),
    }
    return Estate.model_validate(said)


def read_afresh(estate: Estate, role: Role, now: datetime) -> set[tuple[str, str | None]]:
    """Slow and plain: every row, every day around the instant, no plan and no memory."""
    found = _held(estate, role, now)
    if role == "customer_assistant" and not found and estate.night_desk:
        night = estate.night_desk
        if any(_within(estate, day, night.start, night.end, now) for day in _around(estate, now)):
            return _held(estate, "control_room", now)
    return found


def _held(estate: Estate, role: Role, now: datetime) -> set[tuple[str, str | None]]:
    found = set()
    for day in _around(estate, now):
        on = [
            s for s in estate.shifts
            if (not s.days or day.isoweekday() in s.days) and _within(estate, day, s.start, s.end, now)
        ]  # fmt: skip
        teams = []
        for rotation in estate.rotations:
            if not rotation.from_date <= day <= (rotation.to_date or date.max):
                continue
            flat = [run.shift for run in rotation.pattern for _ in range(run.days)]
            for team in rotation.teams:
                shift = flat[((day - rotation.from_date).days + team.offset) % len(flat)]
                if shift != "rest" and _within(estate, day, *rotation.hours[shift], now):
                    teams.append(team)
        for row in (*on, *teams):
            for person in row.persons if role in row.roles else ():
                there = _stand_in(estate, _swapped(estate, person, day), now)
                if there:
                    found.add((there, row.post))
    return found


def _around(estate: Estate, now: datetime) -> list[date]:
    today = now.astimezone(estate.zone).date()
    return [today + timedelta(days=n) for n in (-2, -1, 0, 1)]


def _within(estate: Estate, day: date, start: time, end: time, now: datetime) -> bool:
    last = day + timedelta(days=1) if end <= start else day
    begin, past = (datetime.combine(d, t, estate.zone).timestamp() for d, t in ((day, start), (last, end)))
    return begin <= now.timestamp() < past


def _swapped(estate: Estate, person: str, day: date) -> str:
    taken: set[str] = set()
    for swap in estate.swaps:
        first, last = swap.day or swap.from_date or date.max, swap.day or swap.to_date or date.min
        if first <= day <= last and not taken & set(swap.persons):
            taken |= set(swap.persons)
            if person in swap.persons:
                return next(p for p in swap.persons if p != person)
    return person


def _stand_in(estate: Estate, person: str | None, now: datetime, asked: tuple[str, ...] = ()) -> str | None:
    if person is None or person in asked:
        return None
    away = [a for a in estate.absences if a.person == person and a.start <= now < a.end]
    if not away:
        return person
    return _stand_in(estate, next((a.stand_in for a in away if a.stand_in), None), now, (*asked, person))


@settings(max_examples=300, derandomize=True, deadline=None)
@given(estate=estates(), moments=st.lists(instants, min_size=1, max_size=6))
def test_the_plan_says_what_the_file_says_read_afresh(estate: Estate, moments: list[datetime]) -> None:
    turns = [at for at in turns_of(estate, moments[0].astimezone(estate.zone).date())]
    edges = [at + timedelta(microseconds=n) for at in turns for n in (-1, 0)]
    for now in (*moments, *edges):
        for role in ROLES:
            found = holders(estate, role, now)
            assert {(h.person, h.post) for h in found} == read_afresh(estate, role, now), (role, now)
            assert len({(h.person, h.post) for h in found}) == len(found)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(estate=estates(), now=instants)
def test_between_two_turns_nothing_changes(estate: Estate, now: datetime) -> None:
    local = now.astimezone(estate.zone)
    before = [at for at in turns_of(estate, local.date()) if at <= now]
    if before:
        for role in ROLES:
            assert holders(estate, role, now) == holders(estate, role, before[-1])


def a_guard(person: str, **more: Any) -> Estate:
    shift = {"persons": [person], "roles": ["guard"], "post": "p1", "start": "00:00", "end": "00:00"}
    posts = [{"id": "p1", "zh": "岗", "role": "guard"}]
    said = {"estate": "tiny", "zh": "小院", "en": "Tiny", "posts": posts, "shifts": [shift], **more}
    return Estate.model_validate(said)


def test_what_is_remembered_belongs_to_the_file_that_was_read() -> None:
    now = datetime(2026, 11, 20, 4, tzinfo=UTC)
    first, second = a_guard("a"), a_guard("b")
    assert [holders(e, "guard", now)[0].person for e in (first, second, first)] == ["a", "b", "a"]
    ill = {"person": "a", "start": now, "end": now + timedelta(hours=1)}
    changed = Estate.model_validate(first.model_dump() | {"absences": [ill]})
    assert posts_of(changed, "guard", now) == () and len(posts_of(first, "guard", now)) == 1


@pytest.mark.parametrize(("zone", "expected"), [("Asia/Shanghai", True), ("America/New_York", False)])
def test_a_copy_with_another_zone_reads_the_clock_there(zone: str, expected: bool) -> None:
    day = {"persons": ["a"], "roles": ["guard"], "start": "09:00", "end": "17:00"}
    at_home = a_guard("a", shifts=[day])
    now = datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert holders(at_home, "guard", now)
    moved = at_home.model_copy(update={"time_zone": zone})
    assert bool(holders(moved, "guard", now)) is expected
