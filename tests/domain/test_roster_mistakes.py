"""What is wrong with rotations, swaps, absences and the night's desk is named with line and field."""

from datetime import date, time

import pytest

from shared.domain.estates.lines import Lines
from shared.domain.estates.loading import EstateMistakes, read_estate

GOOD = """estate = "tiny"
zh = "小院"
en = "Tiny"
night_desk = { start = "17:30", end = "09:00" }
departments = [{ id = "engineering", zh = "工程部" }]
posts = [{ id = "east", zh = "东岗", role = "guard", hours = ["06:00", "23:00"] }]
people = [
  { id = "wang", name = "王五" },
  { id = "zhao", name = "赵六" },
  { id = "qian", name = "钱七" },
]
shifts = [
  { persons = ["qian"], roles = ["control_room"], start = "00:00", end = "00:00" },
]
swaps = [
  { persons = ["wang", "zhao"], day = 2026-11-20 },
  { persons = ["wang", "zhao"], from_date = 2026-11-22, to_date = 2026-11-23 },
]
absences = [
  { person = "wang", start = 2026-11-20T18:00:00, end = 2026-11-21T00:00:00, stand_in = "zhao" },
  { person = "wang", start = 2026-11-21T00:00:00, end = 2026-11-22T00:00:00, stand_in = "qian" },
]

[[rotations]]
id = "guards"
from_date = 2026-11-16
to_date = 2026-12-16
hours = { day = ["07:00", "19:00"], "夜班" = [19:00:00, 07:00:00] }
pattern = [
  { shift = "day", days = 2 },
  { shift = "夜班" },
  { shift = "rest", days = 3 },
]
teams = [
  { persons = ["wang"], roles = ["guard"], post = "east" },
  { persons = ["zhao"], roles = ["guard"], post = "east", offset = 3 },
]
"""


def mistakes_of(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(EstateMistakes) as wrong:
        read_estate(text, "tiny.toml")
    assert all(m.words.zh and m.words.en and m.words.zh != m.words.en for m in wrong.value.mistakes)
    return [(m.line, m.field, m.words.en) for m in wrong.value.mistakes]


def test_a_good_file_is_an_estate() -> None:
    estate = read_estate(GOOD, "tiny.toml")
    (rotation,) = estate.rotations
    assert (rotation.length, rotation.hours["夜班"]) == (6, (time(19), time(7)))
    assert [team.offset for team in rotation.teams] == [0, 3]
    assert estate.swaps[0].day == date(2026, 11, 20)
    assert estate.posts[0].hours == (time(6), time(23))
    assert estate.night_desk is not None and estate.night_desk.start == time(17, 30)


def test_what_an_estate_says_comes_back_from_its_document() -> None:
    estate = read_estate(GOOD, "tiny.toml")
    assert type(estate).model_validate(estate.model_dump(mode="json")) == estate


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ('shift = "夜班"', 'shift = "nihgt"', 31, "rotations#1.pattern.2.shift", "not in hours: nihgt"),
        ("days = 2", "days = 0", 30, "rotations#1.pattern.1.days", "greater than or equal to 1"),
        ("hours = {", 'hours = { rest = ["19:00", "07:00"],', 28, "rotations#1.hours.rest", "nobody comes"),
        ('"19:00"]', '"25:00"]', 28, "rotations#1.hours.day.2", "time"),
        ('["07:00", "19:00"]', '["07:00"]', 28, "rotations#1.hours.day.2", "is missing"),
        ("offset = 3", "offset = 6", 36, "rotations#1.teams.2.offset", "6 days: 0 to 5"),
        ("offset = 3", "offset = -1", 36, "rotations#1.teams.2.offset", "6 days: 0 to 5"),
        ('["zhao"], roles', '["li"], roles', 36, "rotations#1.teams.2.persons", "unknown person: li"),
        ('["zhao"], roles', "[], roles", 36, "rotations#1.teams.2.persons", "nobody"),
        ('"east", offset', '"west", offset', 36, "rotations#1.teams.2.post", "unknown post: west"),
        ('"east", offset = 3', '"east", colour = 3', 36, "rotations#1.teams.2.colour", "is no field"),
        (
            'roles = ["guard"], post = "east", offset',
            'roles = ["guard", "department_head"], post = "east", department = "cooking", offset',
            36,
            "rotations#1.teams.2.department",
            "unknown department: cooking",
        ),
        (
            'roles = ["guard"], post = "east", offset',
            'roles = ["guard", "department_head"], post = "east", offset',
            36,
            "rotations#1.teams.2.department",
            "needs a department",
        ),
        ("2026-12-16", "2026-11-15", 27, "rotations#1.to_date", "before it starts"),
        ('id = "guards"', "", 24, "rotations#1.id", "is missing"),
        ('["wang", "zhao"], day', '["wang", "li"], day', 16, "swaps#1.persons", "unknown person: li"),
        ('["wang", "zhao"], day', '["wang", "wang"], day', 16, "swaps#1.persons", "himself"),
        ('["wang", "zhao"], day', '["wang"], day', 16, "swaps#1.persons.2", "is missing"),
        (", day = 2026-11-20", "", 16, "swaps#1.day", "either day, or"),
        ("day = 2026-11-20", "day = 2026-11-20, to_date = 2026-11-21", 16, "swaps#1.day", "either day, or"),
        (", to_date = 2026-11-23", "", 17, "swaps#2.to_date", "both needed"),
        ("to_date = 2026-11-23", "to_date = 2026-11-21", 17, "swaps#2.to_date", "before it starts"),
        (
            "day = 2026-11-20",
            "day = 2026-11-23",
            17,
            "swaps#2.persons",
            "wang swaps twice on one day (see swaps#1)",
        ),
        ('stand_in = "zhao"', 'stand_in = "li"', 20, "absences#1.stand_in", "unknown person: li"),
        ('stand_in = "zhao"', 'stand_in = "wang"', 20, "absences#1.stand_in", "for himself"),
        ("end = 2026-11-21T00:00:00", "end = 2026-11-21T00:00:01", 21, "absences#2.stand_in", "two stand-ins"),
        ('roles = ["control_room"]', 'roles = ["engineering"]', 4, "night_desk", "nobody ever is control_room"),
        ('start = "17:30"', 'start = "half past five"', 4, "night_desk.start", "time"),
        ('["06:00", "23:00"]', '["06:00"]', 6, "posts#1.hours.2", "is missing"),
    ],
)
def test_each_mistake_is_named(old: str, new: str, line: int, field: str, words: str) -> None:
    assert old in GOOD
    found = mistakes_of(GOOD.replace(old, new, 1))
    assert [(at, where) for at, where, _ in found] == [(line, field)]
    assert words in found[0][2]


def test_a_pattern_of_rest_only() -> None:
    text = GOOD.replace('"day", days = 2', '"rest"').replace('shift = "夜班"', 'shift = "rest"')
    assert [(line, field) for line, field, _ in mistakes_of(text.replace("offset = 3", "offset = 2"))] == [
        (29, "rotations#1.pattern")
    ]


def test_two_rotations_of_one_name() -> None:
    text = GOOD + GOOD[GOOD.index("[[rotations]]") :]
    assert [(line, field) for line, field, _ in mistakes_of(text)] == [(39, "rotations#2.id")]


LINES = '''title = "a # no comment [ { = "
rotations = [  # ] no end
  { id = "a", teams = [
    { persons = ["x",
        "y"], offset = 1 },
    { persons = ["]"] },
  ] },
  { id = "b" },
]
note = """
[[posts]]
id = "text"
"""
[quiet]
start = "22:00"
[[shifts]]
persons = ["x"]
[[shifts]]
  [shifts.hours]
  day = ["07:00"]
  [[shifts.teams]]
  offset = 1
  [[shifts.teams]]
  offset = 2
'''


@pytest.mark.parametrize(
    ("section", "row", "key", "line"),
    [
        ("", 0, "title", 1),
        ("", 0, "colour", None),
        ("rotations", 0, "", 2),
        ("rotations", 1, "teams.1.persons", 4),
        ("rotations", 1, "teams.1.persons.2", 5),
        ("rotations", 1, "teams.1.offset", 5),
        ("rotations", 1, "teams.2.offset", 6),
        ("rotations", 1, "teams.3.offset", 3),
        ("rotations", 2, "teams", 8),
        ("posts", 1, "id", None),
        ("quiet", 0, "start", 15),
        ("shifts", 1, "persons", 17),
        ("shifts", 2, "persons", 18),
        ("shifts", 2, "hours.day.1", 20),
        ("shifts", 2, "teams.1.offset", 22),
        ("shifts", 2, "teams.2.offset", 24),
    ],
)
def test_lines_of_whatever_way_it_is_written(section: str, row: int, key: str, line: int | None) -> None:
    assert Lines(LINES).find(section, row, key) == line
