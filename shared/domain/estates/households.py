"""An estate's list of households for the desk, from CSV or TOML: all rows, or every mistake of every row.

Who lives alone, who is ill and who has a key is sensitive (PIPL): no event, log or snapshot carries it, and a
mistake quotes no row's content.
"""

import csv
import io
import re
import tomllib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.contracts.event import Words
from shared.domain.estates.loading import EstateMistakes, Mistake
from shared.domain.estates.rooms import Room, room_of
from shared.domain.estates.roster import Estate

COLUMNS = ("room", "alone", "chronic", "vulnerable", "key_holders", "note")
_TITLES = {
    "房号": "room",
    "独居": "alone",
    "慢性病": "chronic",
    "特殊情况": "vulnerable",
    "钥匙保管人": "key_holders",
}
_TITLES |= {"备注": "note", **{name: name for name in COLUMNS}}
_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√"})
_NO = frozenset({"", "否", "无", "n", "no", "false", "0"})
_HOLDER = re.compile(
    r"(?P<name>[^\d+(\uff08]+(?:[(\uff08][^\d)\uff09]+[)\uff09])?)[\s:\uff1a]*(?P<phone>[+\d(][\d\s()-]{4,24})?"
)
Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class KeyHolder(BaseModel):
    """Who opens the door when nobody inside can."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
    phone: Annotated[str, StringConstraints(max_length=30, strip_whitespace=True)] = ""


class Household(BaseModel):
    """One row of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    room: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    alone: bool = False
    chronic: Short = ""
    vulnerable: Short = ""
    key_holders: Annotated[tuple[KeyHolder, ...], Field(max_length=10)] = ()
    note: Short = ""


def read_households(
    estate: Estate, text: str, form: Literal["csv", "toml"], file: str
) -> tuple[tuple[Room, Household], ...]:
    """Raises `EstateMistakes`."""
    rows = _from_toml(text, file) if form == "toml" else _from_csv(text, file)
    found: dict[Room, tuple[int, Household]] = {}
    mistakes: list[Mistake] = []
    for line, row in rows:
        made = _household(row, file, line, mistakes)
        room = room_of(estate, made.room) if made else None
        if made and room is None:
            mistakes.append(Mistake(file, line, "room", _NO_ROOM))
        elif made and room:
            first, _ = found.setdefault(room, (line, made))
            if first != line:
                twice = Words(zh=f"与第 {first} 行是同一房", en=f"the same room as in row {first}")
                mistakes.append(Mistake(file, line, "room", twice))
    if mistakes:
        raise EstateMistakes(tuple(mistakes))
    return tuple((room, household) for room, (_, household) in found.items())


def _household(row: dict[str, Any], file: str, line: int, mistakes: list[Mistake]) -> Household | None:
    try:
        return Household.model_validate(row)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            field = ".".join(str(part) for part in error["loc"])
            words = _SHAPES.get(error["type"]) or Words(zh="看不懂", en=str(error["type"]))
            mistakes.append(Mistake(file, line, field, words))
        return None


def _from_toml(text: str, file: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        line = re.search(r"line (\d+)", str(broken))
        words = Words(zh="不是有效的 TOML", en="no valid TOML")
        raise EstateMistakes((Mistake(file, int(line[1]) if line else None, "", words),)) from broken
    rows = content.get("households")
    if set(content) != {"households"} or not isinstance(rows, list):
        raise EstateMistakes((Mistake(file, None, "households", _TABLES),))
    return [(number, row if isinstance(row, dict) else {}) for number, row in enumerate(rows, 1)]


def _from_csv(text: str, file: str) -> list[tuple[int, dict[str, Any]]]:
    head, rows = _rows(text, file)
    heads = [_TITLES.get(title.strip().lower(), "") for title in head]
    if "room" not in heads or "" in heads or len(set(heads)) < len(heads):
        raise EstateMistakes((Mistake(file, 1, "", _HEADS),))
    mistakes = [Mistake(file, line, "", _CELLS) for line, cells in rows if len(cells) != len(heads)]
    if mistakes:
        raise EstateMistakes(tuple(mistakes))
    return [(line, _cells(dict(zip(heads, cells, strict=True)))) for line, cells in rows]


def _rows(text: str, file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The head, and with its line each row that is not blank; lines end as any system ends them."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        head = next(reader, [])
        return head, [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as broken:
        raise EstateMistakes((Mistake(file, reader.line_num, "", _NO_CSV),)) from broken


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    """`alone` and the holders as values; what cannot be read is left to be refused where it stands."""
    said = str(row.get("alone", "")).strip().lower()
    row["alone"] = True if said in _YES else False if said in _NO else said
    holders = [part.strip() for part in re.split("[;\uff1b\n]", row.get("key_holders", "")) if part.strip()]
    row["key_holders"] = [_holder(part) for part in holders]
    return row


def _holder(text: str) -> dict[str, str]:
    found = _HOLDER.fullmatch(text)
    return {"name": found["name"], "phone": found["phone"] or ""} if found else {"name": ""}


_NO_ROOM = Words(
    zh="不是本小区的房号:写成 9栋1单元402 或 9-1-402", en="no room of this estate: write 9栋1单元402 or 9-1-402"
)
_TABLES = Words(zh="应为若干 [[households]]", en="there must be [[households]] tables and nothing else")
_HEADS = Words(
    zh="首行应为列名:房号,独居,慢性病,特殊情况,钥匙保管人,备注",
    en=f"the first line names columns: {','.join(COLUMNS)}",
)
_NO_CSV = Words(zh="不是有效的 CSV", en="no valid CSV")
_CELLS = Words(zh="列数与首行不同", en="not as many cells as the first line")
_SHAPES = {
    "missing": Words(zh="缺少", en="is missing"),
    "extra_forbidden": Words(zh="没有这个字段", en="is no field here"),
    "string_too_short": Words(
        zh="不能为空;钥匙保管人写成 王芳 13800138000", en="is empty; a holder is `name phone`"
    ),
    "string_too_long": Words(zh="过长", en="is too long"),
    "bool_parsing": Words(zh="写 是 或 否", en="write yes or no"),
    "bool_type": Words(zh="写 true 或 false", en="write true or false"),
    "too_long": Words(zh="过多", en="too many"),
}
