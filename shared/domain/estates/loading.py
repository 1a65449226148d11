"""From an estate's TOML to an `Estate`: every mistake named with file, line and field, all of them together."""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.contracts.event import Words
from shared.contracts.vocabulary import ROLES
from shared.domain.estates.checks import problems
from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.draft import Draft, Problem
from shared.domain.estates.lines import Lines
from shared.domain.estates.roster import Building, Department, Estate, Key, Person, Place, Post
from shared.domain.estates.rows import Absence, Rotation, Shift, Swap
from shared.domain.playbooks.own_rows import Override, OwnWaits

SECTIONS: dict[str, type[BaseModel]] = {
    "departments": Department,
    "buildings": Building,
    "places": Place,
    "posts": Post,
    "people": Person,
    "shifts": Shift,
    "rotations": Rotation,
    "swaps": Swap,
    "absences": Absence,
    "keys": Key,
    "overrides": Override,
    "waits": OwnWaits,
    "channels": DeviceChannel,
    "devices": Device,
}
_SECRETS = ("secret", "key", "password", "token")
_CLEAR = Words(
    zh="密钥不得以明文写在文件里,只写 sha256(或用 baoshi estates keys add)",
    en="no secret in clear text in a file: write its sha256, or use baoshi estates keys add",
)
_SHA256 = Words(
    zh="须为密钥的 SHA-256(64位小写十六进制),不是密钥本身",
    en="the secret's SHA-256, 64 lower-case hex digits, never the secret itself",
)
_WORDS = {
    "missing": Words(zh="缺少", en="is missing"),
    "extra_forbidden": Words(zh="没有这个字段", en="is no field here"),
    "literal_error": Words(zh="没有这个角色", en=f"unknown role, there are {', '.join(ROLES)}"),
    "timezone_aware": Words(
        zh="时间须带时区,或不加引号写成日期时间", en="write it without quotes or with an offset"
    ),
    "too_short": Words(zh="不能为空", en="is empty"),
}


class Mistake(NamedTuple):
    """One thing to put right. `field` counts rows from 1: `shifts#3.post`."""

    file: str
    line: int | None
    field: str
    words: Words

    def text(self, language: str = "en") -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        said = self.words.zh if language == "zh" else self.words.en
        return f"{where}: {self.field}: {said}" if self.field else f"{where}: {said}"


class EstateMistakes(ValueError):
    """All mistakes of all files; none of the files may be applied."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(m.text() for m in mistakes))
        self.mistakes = mistakes


def read_estates(texts: Mapping[str, str]) -> tuple[Estate, ...]:
    """Estates by the names of their files. Raises `EstateMistakes` with the mistakes of all of them."""
    mistakes: list[Mistake] = []
    found: dict[str, tuple[str, Estate]] = {}
    for file, text in texts.items():
        try:
            estate = read_estate(text, file)
        except EstateMistakes as wrong:
            mistakes += wrong.mistakes
            continue
        other, _ = found.setdefault(estate.estate, (file, estate))
        if other != file:
            twice = Words(zh=f"小区 {estate.estate} 已在 {other} 中", en=f"{estate.estate} stands in {other} too")
            mistakes.append(Mistake(file, Lines(text).find("", 0, "estate"), "estate", twice))
    if mistakes:
        raise EstateMistakes(tuple(mistakes))
    return tuple(estate for _, estate in found.values())


def read_estate(text: str, file: str) -> Estate:
    """Raises `EstateMistakes`. A date and time without an offset is the estate's own."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        line = re.search(r"line (\d+)", str(broken))
        words = Words(zh=f"不是有效的 TOML:{broken}", en=f"no valid TOML: {broken}")
        raise EstateMistakes((Mistake(file, int(line[1]) if line else None, "", words),)) from broken
    zone, found = _top(content)
    rows, more = _rows(content, zone)
    found += more + problems(_draft(content, rows))
    if found:
        lines = Lines(text)
        raise EstateMistakes(tuple(sorted({_mistake(file, lines, p) for p in found}, key=lambda m: m.line or 0)))
    numbered = {section: [row for _, row in rows[section]] for section in SECTIONS}
    return Estate.model_validate({**content, **numbered})


def _mistake(file: str, lines: Lines, problem: Problem) -> Mistake:
    row = f"{problem.section}#{problem.row}" if problem.row else problem.section
    line = lines.find(problem.section, problem.row, problem.field)
    return Mistake(file, line, ".".join(filter(None, (row, problem.field))), problem.words)


def _top(content: dict[str, Any]) -> tuple[ZoneInfo, list[Problem]]:
    """What stands outside the sections; a bad zone is one mistake, not one for each time in it."""
    found: list[Problem] = []
    try:
        Estate.model_validate({k: v for k, v in content.items() if k not in SECTIONS})
    except ValidationError as wrong:
        found = [_problem("", 0, error) for error in wrong.errors(include_url=False)]
    usual = Estate.model_fields["time_zone"].default
    zone = content.get("time_zone", usual)
    if zone in available_timezones():
        return ZoneInfo(zone), found
    words = Words(zh=f"没有这个时区:{zone}", en=f"unknown time zone: {zone}")
    return ZoneInfo(usual), [*found, Problem("", 0, "time_zone", words)]


def _rows(content: dict[str, Any], zone: ZoneInfo) -> tuple[dict[str, list[tuple[int, BaseModel]]], list[Problem]]:
    """The rows that are well formed, by section and number, and what is wrong with the others."""
    good: dict[str, list[tuple[int, BaseModel]]] = {section: [] for section in SECTIONS}
    found: list[Problem] = []
    for section, model in SECTIONS.items():
        for number, raw in enumerate(_tables(content, section), start=1):
            if not isinstance(raw, dict):
                found.append(Problem(section, 0, "", Words(zh="须为表的列表", en="is a list of tables")))
                continue
            if section == "keys" and any(field in raw for field in _SECRETS):
                found += [Problem(section, number, field, _CLEAR) for field in _SECRETS if field in raw]
                continue
            try:
                good[section].append((number, model.model_validate(_localised(raw, zone))))
            except ValidationError as wrong:
                found += [_problem(section, number, error) for error in wrong.errors(include_url=False)]
    return good, found


def _tables(content: dict[str, Any], section: str) -> list[Any]:
    rows = content.get(section, [])
    return rows if isinstance(rows, list) else [None]


def _localised(raw: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    return {
        field: value.replace(tzinfo=zone) if isinstance(value, datetime) and value.tzinfo is None else value
        for field, value in raw.items()
    }


def _problem(section: str, row: int, error: ErrorDetails) -> Problem:
    """Quotes what was written, but nothing of a key."""
    field = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    if section == "keys" and field == "sha256" and error["type"] != "missing":
        return Problem(section, row, field, _SHA256)
    known = _WORDS.get(error["type"], Words(zh=f"不对:{error['msg']}", en=error["msg"]))
    if section == "keys" or error["type"] in {"missing", "extra_forbidden", "too_short"}:
        return Problem(section, row, field, known)
    quoted = repr(error["input"])[:40]
    return Problem(section, row, field, Words(zh=f"{known.zh}:{quoted}", en=f"{known.en}: {quoted}"))


def _draft(content: dict[str, Any], rows: dict[str, list[tuple[int, BaseModel]]]) -> Draft:
    raw = {section: [r for r in _tables(content, section) if isinstance(r, dict)] for section in SECTIONS}
    ids = {section: frozenset(str(row.get("id")) for row in raw[section]) for section in SECTIONS}
    malformed = frozenset(section for section in SECTIONS if len(raw[section]) != len(rows[section]))
    good = {section: tuple(rows[section]) for section in SECTIONS}
    return Draft(**good, ids=ids, malformed=malformed, night_desk="night_desk" in content)  # type: ignore[arg-type]
