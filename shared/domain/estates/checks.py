"""What one row of an estate's file cannot show by itself: names that lead nowhere, and two things of one name."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from shared.contracts.event import Words
from shared.domain.estates.places import label_of, plain_name
from shared.domain.estates.roster import Absence, Building, Department, Key, Person, Place, Post, Row, Shift

R = TypeVar("R", bound=Row)
Numbered = tuple[tuple[int, R], ...]
LONGEST_BUILDING_SHORT = 5
"""`-1-1201` has to fit behind it into the pager's 12 characters."""


class Draft(NamedTuple):
    """The rows that are well formed, by their number; `ids` also names those that are not.

    `malformed`: sections of which a row is missing here, so that nothing is concluded from its absence.
    """

    departments: Numbered[Department]
    buildings: Numbered[Building]
    places: Numbered[Place]
    posts: Numbered[Post]
    people: Numbered[Person]
    shifts: Numbered[Shift]
    absences: Numbered[Absence]
    keys: Numbered[Key]
    ids: dict[str, frozenset[str]]
    malformed: frozenset[str]


class Problem(NamedTuple):
    """A mistake before it has a line."""

    section: str
    row: int
    field: str
    words: Words


def problems(draft: Draft) -> list[Problem]:
    """All of them, in the order of the checks."""
    return [problem for check in _CHECKS for problem in check(draft)]


def _unknown(section: str, row: int, field: str, zh: str, en: str, name: str) -> Problem:
    return Problem(section, row, field, Words(zh=f"没有这个{zh}:{name}", en=f"unknown {en}: {name}"))


def _dangling(draft: Draft) -> Iterator[Problem]:
    """Every name that one row has of another."""
    people, posts = draft.ids["people"], draft.ids["posts"]
    buildings, departments = draft.ids["buildings"], draft.ids["departments"]
    for row, building in draft.buildings:
        for post in (p for p in building.posts if p not in posts):
            yield _unknown("buildings", row, "posts", "岗位", "post", post)
    for row, place in draft.places:
        if place.building and place.building not in buildings:
            yield _unknown("places", row, "building", "楼栋", "building", place.building)
    for row, shift in draft.shifts:
        for person in (p for p in shift.persons if p not in people):
            yield _unknown("shifts", row, "persons", "人员", "person", person)
        if shift.post and shift.post not in posts:
            yield _unknown("shifts", row, "post", "岗位", "post", shift.post)
    for row, absence in draft.absences:
        if absence.person not in people:
            yield _unknown("absences", row, "person", "人员", "person", absence.person)
    for section, row, name in _departments(draft):
        if name not in departments:
            yield _unknown(section, row, "department", "部门", "department", name)


def _departments(draft: Draft) -> Iterator[tuple[str, int, str]]:
    yield from (("posts", row, post.department) for row, post in draft.posts if post.department)
    yield from (("shifts", row, shift.department) for row, shift in draft.shifts if shift.department)


def _headless(draft: Draft) -> Iterator[Problem]:
    """A department head has a department, and nobody else has one."""
    without = Words(zh="部门负责人须写明部门", en="department_head needs a department")
    needless = Words(zh="只有部门负责人才写部门", en="only department_head has a department")
    rows = [("posts", n, p.role == "department_head", p.department) for n, p in draft.posts]
    rows += [("shifts", n, "department_head" in s.roles, s.department) for n, s in draft.shifts]
    for section, row, heads, department in rows:
        if heads != bool(department):
            yield Problem(section, row, "department", without if heads else needless)


def _shifts(draft: Draft) -> Iterator[Problem]:
    for row, shift in draft.shifts:
        if not shift.persons:
            yield Problem("shifts", row, "persons", Words(zh="班次没有人", en="a shift of nobody"))
        if any(day not in range(1, 8) for day in shift.days):
            days = Words(zh="星期以1(周一)到7(周日)表示", en="days are 1 (Monday) to 7 (Sunday)")
            yield Problem("shifts", row, "days", days)
        if shift.from_date and shift.to_date and shift.to_date < shift.from_date:
            yield Problem("shifts", row, "to_date", Words(zh="结束早于开始", en="ends before it starts"))


def _absences(draft: Draft) -> Iterator[Problem]:
    for row, absence in draft.absences:
        if absence.end <= absence.start:
            yield Problem("absences", row, "end", Words(zh="结束不晚于开始", en="ends before it starts"))


def _posts(draft: Draft) -> Iterator[Problem]:
    """A post is reached by a shift that holds its role there."""
    if "shifts" in draft.malformed:
        return
    for row, post in draft.posts:
        there = [shift for _, shift in draft.shifts if shift.post == post.id]
        if not there:
            nobody = Words(zh=f"没有班次在岗:{post.id}", en=f"no shift is ever at this post: {post.id}")
            yield Problem("posts", row, "id", nobody)
        elif not any(post.role in shift.roles for shift in there):
            zh, en = f"岗位上没有人担任 {post.role}", f"nobody at this post holds {post.role}"
            yield Problem("posts", row, "role", Words(zh=zh, en=en))


def _shorts(draft: Draft) -> Iterator[Problem]:
    """Two places of one short name send a guard to the wrong one."""
    rows: list[tuple[str, int, str]] = [("buildings", n, b.short) for n, b in draft.buildings]
    rows += [("places", n, p.short) for n, p in draft.places]
    yield from _twice(((s, n, "short", short.upper()) for s, n, short in rows), "短名重复", "the same short name")
    for row, building in draft.buildings:
        if len(building.short) > LONGEST_BUILDING_SHORT:
            zh = f"楼栋短名至多{LONGEST_BUILDING_SHORT}个字符,后面还要写单元和房号"
            en = f"a building's short name has at most {LONGEST_BUILDING_SHORT} characters: the room follows"
            yield Problem("buildings", row, "short", Words(zh=zh, en=en))


def _names(draft: Draft) -> Iterator[Problem]:
    """3栋 and 3号楼 are one name."""
    buildings = [("buildings", n, "zh", label_of(b)) for n, b in draft.buildings]
    yield from _twice(buildings, "名称重复", "the same name")
    names = [("places", n, "zh", plain_name(name)) for n, p in draft.places for name in (p.zh, *p.also)]
    yield from _twice(names, "名称重复", "the same name")
    unnamed = Words(zh="缺名称", en="has no name")
    yield from (Problem(section, row, field, unnamed) for section, row, field, n in [*buildings, *names] if not n)


def _ids(draft: Draft) -> Iterator[Problem]:
    rows = [("departments", n, "id", d.id) for n, d in draft.departments]
    rows += [("buildings", n, "id", b.id) for n, b in draft.buildings]
    rows += [("posts", n, "id", p.id) for n, p in draft.posts]
    rows += [("people", n, "id", p.id) for n, p in draft.people]
    rows += [("keys", n, "id", k.id) for n, k in draft.keys]
    # One section's ids say nothing of another's.
    yield from _twice(rows, "编号重复", "the same id", apart=True)
    secrets = [("keys", n, "sha256", k.sha256) for n, k in draft.keys]
    yield from _twice(secrets, "密钥重复", "the same secret", quote=False)


def _twice(
    rows: Iterable[tuple[str, int, str, str]], zh: str, en: str, *, quote: bool = True, apart: bool = False
) -> Iterator[Problem]:
    """Blames the second of two and says where the first one stands; `apart`: only within a section."""
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for section, row, field, name in rows:
        first = seen.setdefault((section if apart else "", name), (section, row))
        if first != (section, row):
            what, where = f" {name}" if quote else "", f"{first[0]}#{first[1]}"
            yield Problem(section, row, field, Words(zh=f"{zh}{what}(见 {where})", en=f"{en}{what} (see {where})"))


_CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _ids,
    _names,
    _shorts,
    _dangling,
    _headless,
    _shifts,
    _absences,
    _posts,
)
