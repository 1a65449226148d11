"""From what people call a place to the building and the short name a pager can carry (PLAYBOOKS 0.6, 15).

Nothing here guesses: a text that may mean two buildings, or a name that would not fit, has no short name,
and the page says SEE DESK.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from shared.contracts.event import Words
from shared.domain.estates.roster import Building, Estate, Place
from shared.domain.same import Same

LONGEST_SHORT = 12
_SAID = 256
"""So many texts of residents are remembered for a while, since one report names its place many times."""
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}
_CHINESE_NUMBER = re.compile(
    "(?<![一二三四五六七八九十])([二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    "(?=栋|幢|座|号楼|单元|楼|层)"
)
_BUILDING_WORD = re.compile("号楼|#楼|栋楼|栋|幢|座|#|号(?=[0-9]{3,4}(?:室|房))")
_BUILDING_END = re.compile("(?:号楼|#楼|栋楼|栋|幢|座|#)$")
_REST = re.compile(
    r"[,、-]?(?:(?P<unit>[0-9]{1,2}|[A-Z])(?:单元|-(?=[0-9]{3,4})))?"
    r"[,、-]?(?:(?P<floor>[0-9]{1,2})[楼层F])?[,、-]?(?:(?P<room>[0-9]{3,4}[A-Z]?)(?![0-9]))?"
    r"(?P<part>电梯|大堂|大厅|楼梯|天台|楼顶|地下室|车库)?"
)
_DASHED = re.compile(
    r"(?P<label>[0-9]{1,3}|[A-Z])-(?:(?P<unit>[0-9]{1,2}|[A-Z])-)?(?P<room>[0-9]{3,4}[A-Z]?)(?:室|号|房)?"
)
_PARTS = {"电梯": "LIFT", "大堂": "HALL", "大厅": "HALL", "楼梯": "STAIR", "天台": "ROOF", "楼顶": "ROOF"}
_PARTS |= {"地下室": "CELLAR", "车库": "CARS"}
_BEFORE = re.compile("(?:我们|我|现在|人|就)?(?:在|到|去|位于)?(?:本|这个|我们)?(?:小区|花园|园区)?(?:的)?")
_ALNUM = re.compile("[0-9A-Z]")
_AFTER = re.compile("$|[,。、;!(.]|口|处|旁|附近|门口|岗|外|里|内|边|这|那|对面|有")


class Found(NamedTuple):
    """What a text says of one building, beyond its name."""

    building: Building
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    part: str | None = None


def plain(text: str) -> str:
    """One way of writing: half width, capitals, no spaces, 三号楼 as 3号楼."""
    squeezed = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return _CHINESE_NUMBER.sub(lambda found: str(_number(found[0])), squeezed)


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """`plain`, remembered: for the names in estates' files, never for what residents say."""
    return plain(name)


def label_of(building: Building) -> str:
    """`3` for 3栋, 3号楼 and 三幢; two buildings of one estate need two labels."""
    return _BUILDING_END.sub("", plain_name(building.zh))


def place_short(estate: Estate, place_text: str) -> tuple[str | None, str | None]:
    """The building's id and the short name: 3栋1单元1201 is `B3-1-1201`; (None, None) is unknown, no error."""
    return _place_short(Same(estate), place_text)


def named_place(estate: Estate, text: str) -> Found | None:
    """The building, unit, floor and room that a text names; None where it names none, or two buildings."""
    said, names = plain(text), _names(Same(estate))
    return _dashed(names, said) or _named(names, said)


class Names(NamedTuple):
    """All names of an estate's file, in plain writing."""

    places: tuple[tuple[str, Place], ...]
    public: frozenset[str]
    buildings: tuple["Named", ...]


class Named(NamedTuple):
    """A building by its label; `numbered`: 3栋, which the 3 alone does not name."""

    building: Building
    label: str
    numbered: bool


@lru_cache(maxsize=256)
def _names(key: Same[Estate]) -> Names:
    places = tuple((plain_name(name), place) for place in key.it.places for name in (place.zh, *place.also))
    numbered = [bool(_BUILDING_END.search(plain_name(b.zh))) for b in key.it.buildings]
    buildings = tuple(Named(b, label_of(b), ends) for b, ends in zip(key.it.buildings, numbered, strict=True))
    return Names(places, frozenset(name for name, _ in places), buildings)


@lru_cache(maxsize=_SAID)
def _place_short(key: Same[Estate], place_text: str) -> tuple[str | None, str | None]:
    text, names = plain(place_text), _names(key)
    public = _public_place(names, text)
    if public:
        return public
    found = _dashed(names, text) or _named(names, text)
    return (found.building.id, _short(found)) if found else (None, None)


def _public_place(names: Names, text: str) -> tuple[str | None, str | None] | None:
    """A place counts where the text begins with it: 西南门 and 地铁站南门 are not 南门. The longest name wins."""
    before = _BEFORE.match(text)
    starts = {0, before.end() if before else 0}
    said = [
        (len(name), place)
        for name, place in names.places
        for start in starts
        if text.startswith(name, start) and _AFTER.match(text, start + len(name))
    ]
    if not said:
        return None
    place = max(said, key=lambda pair: pair[0])[1]
    return place.building, place.short


def _dashed(names: Names, text: str) -> Found | None:
    said = _DASHED.fullmatch(text)
    if not said:
        return None
    found = [named.building for named in names.buildings if named.label == said["label"]]
    return Found(found[0], said["unit"], None, said["room"]) if len(found) == 1 else None


def _named(names: Names, text: str) -> Found | None:
    """None also when the text names two buildings: a guard at the wrong one is worse than SEE DESK."""
    ends = [(named.building, end) for named in names.buildings if (end := _end_of_name(named, text)) is not None]
    if len(ends) != 1:
        return None
    building, end = ends[0]
    rest = _REST.match(text, end)
    return Found(building, **rest.groupdict()) if rest else Found(building)


def _end_of_name(named: Named, text: str) -> int | None:
    """Where the building's name ends in the text: the 3 of 3栋, not that of 13栋 or of 3单元."""
    start = text.find(named.label)
    while start >= 0:
        end = start + len(named.label)
        word = _BUILDING_WORD.match(text, end) if named.numbered else None
        if not _ALNUM.match(text[start - 1 : start]) and (word or not named.numbered):
            return word.end() if word else end
        start = text.find(named.label, start + 1)
    return None


def _short(found: Found) -> str | None:
    """Never cut: a name that does not fit is no name."""
    floor = f"{found.floor}F" if found.floor and not found.room else None
    parts = (found.building.short, found.unit, floor, found.room, _PARTS.get(found.part or ""))
    short = "-".join(part for part in parts if part)
    return short if len(short) <= LONGEST_SHORT else None


def _number(chinese: str) -> int:
    tens, ten, ones = chinese.rpartition("十")
    high = (_DIGITS[tens] if tens else 1) * 10 if ten else 0
    return high + (_DIGITS[ones] if ones else 0)


NO_PLACE = Words(zh="地点待报", en="PLACE TO COME")
SEE_DESK = Words(zh="见系统", en="SEE DESK")
_STRUCTURE = re.compile(rf"[0-9A-Z]{{1,3}}(?:{_BUILDING_WORD.pattern}){_REST.pattern}(?:室|房|号)?")


def on_air(estate: Estate, said: str | None, short: str | None) -> Words:
    """How a place is named on the air: never what a resident added to it, a name or an illness (SOP S10).

    A place that nobody named yet is said to come.

    The Chinese is what was said only where that is nothing but building, unit and room, or a public place of the
    estate's file; else the short name. Without a short name that a pager can carry: see the desk.
    """
    return _on_air(Same(estate), said, short) if said else NO_PLACE


@lru_cache(maxsize=_SAID)
def _on_air(key: Same[Estate], said: str, short: str | None) -> Words:
    if not short or len(short) > LONGEST_SHORT or not short.isascii():
        return SEE_DESK
    return Words(zh=said if len(said) <= LONGEST_SHORT and _is_bare(key, said) else short, en=short)


def _is_bare(key: Same[Estate], said: str) -> bool:
    text = plain(said)
    return bool(_STRUCTURE.fullmatch(text) or _DASHED.fullmatch(text)) or text in _names(key).public
