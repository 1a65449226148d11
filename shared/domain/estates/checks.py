"""What one row of an estate's file cannot show by itself: names that lead nowhere, and two things of one name."""

from collections.abc import Callable, Iterable, Iterator

from shared.contracts.event import Words
from shared.domain.estates.device_checks import DEVICE_CHECKS
from shared.domain.estates.draft import Draft, Problem, planned, unknown
from shared.domain.estates.places import label_of, plain_name
from shared.domain.estates.roster_checks import ROSTER_CHECKS

LONGEST_BUILDING_SHORT = 5
"""`-1-1201` has to fit behind it into the pager's 12 characters."""


def problems(draft: Draft) -> list[Problem]:
    """All of them, in the order of the checks."""
    return [problem for check in _CHECKS for problem in check(draft)]


def _dangling(draft: Draft) -> Iterator[Problem]:
    """Every name that one row has of another."""
    people, posts = draft.ids["people"], draft.ids["posts"]
    buildings, departments = draft.ids["buildings"], draft.ids["departments"]
    for row, building in draft.buildings:
        for post in (p for p in building.posts if p not in posts):
            yield unknown("buildings", row, "posts", "岗位", "post", post)
    for row, place in draft.places:
        if place.building and place.building not in buildings:
            yield unknown("places", row, "building", "楼栋", "building", place.building)
    for on in planned(draft):
        for person in (p for p in on.row.persons if p not in people):
            yield on.unknown("persons", "人员", "person", person)
        if on.row.post and on.row.post not in posts:
            yield on.unknown("post", "岗位", "post", on.row.post)
        if on.row.department and on.row.department not in departments:
            yield on.unknown("department", "部门", "department", on.row.department)
    for row, own in draft.posts:
        if own.department and own.department not in departments:
            yield unknown("posts", row, "department", "部门", "department", own.department)
    for section, row, field, name in _people_named(draft):
        if name not in people:
            yield unknown(section, row, field, "人员", "person", name)


def _people_named(draft: Draft) -> Iterator[tuple[str, int, str, str]]:
    yield from (("absences", n, "person", a.person) for n, a in draft.absences)
    yield from (("absences", n, "stand_in", a.stand_in) for n, a in draft.absences if a.stand_in)
    yield from (("swaps", n, "persons", person) for n, swap in draft.swaps for person in swap.persons)


def _headless(draft: Draft) -> Iterator[Problem]:
    """A department head has a department, and nobody else has one."""
    without = Words(zh="部门负责人须写明部门", en="department_head needs a department")
    needless = Words(zh="只有部门负责人才写部门", en="only department_head has a department")
    rows = [("posts", n, "", p.role == "department_head", p.department) for n, p in draft.posts]
    rows += [(*on.where, "department_head" in on.row.roles, on.row.department) for on in planned(draft)]
    for section, row, within, heads, department in rows:
        if heads != bool(department):
            yield Problem(section, row, f"{within}department", without if heads else needless)


def _posts(draft: Draft) -> Iterator[Problem]:
    """A post is reached by a shift or a rotation that holds its role there."""
    if {"shifts", "rotations"} & draft.malformed:
        return
    for row, post in draft.posts:
        there = [on.row for on in planned(draft) if on.row.post == post.id]
        if not there:
            nobody = Words(zh=f"没有班次在岗:{post.id}", en=f"no shift is ever at this post: {post.id}")
            yield Problem("posts", row, "id", nobody)
        elif not any(post.role in one.roles for one in there):
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
    rows += [("rotations", n, "id", r.id) for n, r in draft.rotations]
    rows += [("keys", n, "id", k.id) for n, k in draft.keys]
    rows += [("channels", n, "id", c.id) for n, c in draft.channels]
    rows += [("devices", n, "id", d.id) for n, d in draft.devices]
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
    _posts,
    *ROSTER_CHECKS,
    *DEVICE_CHECKS,
)
