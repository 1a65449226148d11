"""An estate's file: what is wrong in it is named with line and field, all of it together."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.coverage import gaps
from shared.domain.estates.loading import EstateMistakes, read_estate, read_estates
from shared.domain.estates.roster import Estate, holders, posts_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "estates"
GOOD = """estate = "tiny"
zh = "小院"
en = "Tiny"

departments = [{ id = "engineering", zh = "工程部" }]
posts = [
  { id = "east", zh = "东岗", role = "guard" },
]
buildings = [
  { id = "b1", zh = "1栋", short = "B1", posts = ["east"] },
  { id = "b2", zh = "2栋", short = "B2" },
]

[[places]]
zh = "南门"
short = "GATE"
building = "b1"

[[people]]
id = "wang"
name = "王五"

[[shifts]]
persons = ["wang"]
roles = ["guard"]
post = "east"
start = "19:00"
end = 07:00:00

[[absences]]
person = "wang"
start = 2026-11-20T18:00:00
end = 2026-11-21T00:00:00+08:00
"""
SECRET = "tuesday-umbrella-secret"


def mistakes_of(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(EstateMistakes) as wrong:
        read_estate(text, "tiny.toml")
    assert all(m.file == "tiny.toml" and m.words.zh and m.words.en for m in wrong.value.mistakes)
    return [(m.line, m.field, m.words.en) for m in wrong.value.mistakes]


def test_a_good_file_is_an_estate() -> None:
    estate = read_estate(GOOD, "tiny.toml")
    assert estate.shifts[0].post == "east"
    assert estate.absences[0].start == datetime(2026, 11, 20, 18, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ('zh = "小院"', "", None, "zh", "is missing"),
        ('en = "Tiny"', 'en = "Tiny"\ncolour = "red"', 4, "colour", "no field"),
        ('en = "Tiny"', 'en = "Tiny"\ntime_zone = "Asia/Shangai"', 4, "time_zone", "unknown time zone"),
        ('"tiny"', '"Tiny!"', 1, "estate", "pattern"),
        ('role = "guard"', 'role = "captain"', 7, "posts#1.role", "unknown role"),
        ('roles = ["guard"]', 'roles = ["guard", "captain"]', 25, "shifts#1.roles.2", "unknown role"),
        ('roles = ["guard"]', "roles = []", 25, "shifts#1.roles", "is empty"),
        ('persons = ["wang"]', 'persons = ["wang", "zhao"]', 24, "shifts#1.persons", "unknown person: zhao"),
        ('persons = ["wang"]', "persons = []", 24, "shifts#1.persons", "nobody"),
        ('post = "east"', "", 7, "posts#1.id", "no shift is ever at this post"),
        ('roles = ["guard"]', 'roles = ["gate_guard"]', 7, "posts#1.role", "nobody at this post holds guard"),
        ('start = "19:00"', 'start = "25:00"', 27, "shifts#1.start", "time"),
        ('start = "19:00"', 'start = "19:00"\ndays = [0]', 28, "shifts#1.days", "Monday"),
        ('posts = ["east"]', 'posts = ["east", "west"]', 10, "buildings#1.posts", "unknown post: west"),
        ('building = "b1"', 'building = "b7"', 17, "places#1.building", "unknown building: b7"),
        ('id = "b2"', 'id = "b1"', 11, "buildings#2.id", "the same id b1 (see buildings#1)"),
        ('short = "B2"', 'short = "b1"', 11, "buildings#2.short", "the same short name B1"),
        ('short = "GATE"', 'short = "B2"', 16, "places#1.short", "the same short name B2"),
        ('short = "B2"', 'short = "BLOCK2"', 11, "buildings#2.short", "at most 5"),
        ('short = "B2"', 'short = "二"', 11, "buildings#2.short", "pattern"),
        ('zh = "2栋"', 'zh = "一号楼"', 11, "buildings#2.zh", "the same name 1"),
        ('zh = "2栋"', 'zh = "栋"', 11, "buildings#2.zh", "has no name"),
        ('person = "wang"', 'person = "zhao"', 31, "absences#1.person", "unknown person: zhao"),
        ("2026-11-21T00:00:00+08:00", "2026-11-20T18:00:00+08:00", 33, "absences#1.end", "before it starts"),
        ("2026-11-20T18:00:00", '"2026-11-20T18:00:00"', 32, "absences#1.start", "offset"),
        ('role = "guard"', 'role = "guard", department = "engineering"', 7, "posts#1.department", "only"),
        (
            'roles = ["guard"]',
            'roles = ["guard", "department_head"]',
            23,
            "shifts#1.department",
            "needs a department",
        ),
        (
            'roles = ["guard"]',
            'roles = ["guard", "department_head"]\ndepartment = "cooking"',
            26,
            "shifts#1.department",
            "unknown department: cooking",
        ),
    ],
)
def test_each_mistake_is_named(old: str, new: str, line: int | None, field: str, words: str) -> None:
    assert GOOD.count(old) >= 1
    found = mistakes_of(GOOD.replace(old, new, 1))
    assert [(at, where) for at, where, _ in found] == [(line, field)]
    assert words in found[0][2]


def test_all_mistakes_stand_together() -> None:
    text = (
        GOOD.replace('"tiny"', '"T"')
        .replace('role = "guard"', 'role = "cook"')
        .replace('post = "east"', 'post = "x"')
    )
    assert [(line, field) for line, field, _ in mistakes_of(text)] == [
        (1, "estate"), (7, "posts#1.role"), (26, "shifts#1.post"),
    ]  # fmt: skip


def test_a_shift_at_an_unknown_post_also_leaves_the_known_one_unreached() -> None:
    found = mistakes_of(GOOD.replace('post = "east"', 'post = "west"'))
    assert [(line, field) for line, field, _ in found] == [(7, "posts#1.id"), (26, "shifts#1.post")]


def test_a_malformed_row_is_not_also_unknown() -> None:
    (mistake,) = mistakes_of(GOOD.replace('name = "王五"', ""))
    assert mistake[1:] == ("people#1.name", "is missing")


@pytest.mark.parametrize("field", ["secret", "key", "password", "token", "sha256"])
def test_a_secret_in_clear_text_is_refused_and_not_quoted(field: str) -> None:
    row = f'\n[[keys]]\nid = "app"\nroles = ["guard"]\n{field} = "{SECRET}"\n'
    found = mistakes_of(GOOD + row)
    assert [(line, where) for line, where, _ in found] == [(38, f"keys#1.{field}")]
    assert SECRET not in str(found)
    assert "sha256" in found[0][2].lower().replace("-", "")


def test_two_keys_of_one_secret() -> None:
    rows = [f'\n[[keys]]\nid = "{n}"\nroles = ["guard"]\nsha256 = "{sha256(b"x").hexdigest()}"\n' for n in "ab"]
    (found,) = mistakes_of(GOOD + "".join(rows))
    assert found[1] == "keys#2.sha256"


def test_broken_toml_has_its_line() -> None:
    ((line, field, words),) = mistakes_of(GOOD.replace('en = "Tiny"', 'en = "Tiny'))
    assert (line, field) == (3, "") and words.startswith("no valid TOML")


def test_a_section_that_is_no_list_of_tables() -> None:
    text = GOOD.replace('departments = [{ id = "engineering", zh = "工程部" }]', "departments = 3")
    assert mistakes_of(text) == [(5, "departments", "is a list of tables")]


def test_files_are_read_together_and_a_code_stands_in_one() -> None:
    assert [e.estate for e in read_estates({"a.toml": GOOD})] == ["tiny"]
    with pytest.raises(EstateMistakes) as wrong:
        read_estates({"a.toml": GOOD, "b.toml": GOOD, "c.toml": "x"})
    assert [(m.file, m.field) for m in wrong.value.mistakes] == [("b.toml", "estate"), ("c.toml", "")]
    assert wrong.value.mistakes[0].text("zh").startswith("b.toml:1: estate: 小区 tiny")


def example(name: str) -> Estate:
    return read_estate((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"), name)


EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("name", ["lanting", "xinghe"])
def test_the_examples_hold_every_role_through_the_demos_evening(name: str) -> None:
    estate = example(name)
    empty: set[Role] = {"shift_leader"} if name == "xinghe" else set()
    for minutes in range(0, 300, 10):
        now = EVENING + timedelta(minutes=minutes)
        assert {role for role in ROLES if not holders(estate, role, now)} == empty


@pytest.mark.parametrize("name", ["lanting", "xinghe"])
def test_the_examples_have_no_keys_and_short_places(name: str) -> None:
    estate = example(name)
    assert estate.keys == ()
    assert all(len(b.short) <= 5 for b in estate.buildings)


def test_the_examples_are_what_the_demo_needs() -> None:
    lanting, xinghe = example("lanting"), example("xinghe")
    assert (len(lanting.buildings), len(posts_of(lanting, "gate_guard", EVENING))) == (9, 3)
    nearest = {b.id: holders(lanting, "guard", EVENING, near=b.id)[0].post for b in lanting.buildings}
    assert (nearest["b1"], nearest["b5"], nearest["b9"]) == ("patrol-south", "patrol-middle", "patrol-north")
    desk, control = (holders(xinghe, r, EVENING) for r in ("customer_assistant", "control_room"))
    assert [h.person for h in desk] == [h.person for h in control] == ["hong-bo"]
    assert [g.role for g in gaps(xinghe, EVENING.date())] == ["shift_leader"]
