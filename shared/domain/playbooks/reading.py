"""One playbook file as text: its steps and notices, or its mistakes, each with its line."""

import re
import tomllib
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from shared.domain.playbooks.format import Notice, Row, Step
from shared.domain.playbooks.mistakes import Key, Mistake, Source

_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")
AnyRow = TypeVar("AnyRow", bound=Row)


class Draft(NamedTuple):
    """What one file says by itself, before the common steps are added."""

    source: Source
    head: dict[str, Any]
    steps: dict[str, Step]
    notices: dict[str, Notice]
    blocks: dict[str, tuple[str, int]]

    @property
    def name(self) -> str:
        return str(self.head.get("playbook", ""))

    @property
    def version(self) -> int:
        version = self.head.get("version")
        return version if isinstance(version, int) else 0

    def mistake(self, owner: str | None, path: Sequence[Key], text: str) -> Mistake:
        """At a step or notice by its id, or in the file's head."""
        return self.source.mistake(self.blocks.get(owner or ""), path, text)


def read_draft(file: str, text: str) -> tuple[Draft, list[Mistake]]:
    """Everything that can be read, and a mistake for everything that cannot."""
    source = Source(file, tuple(text.split("\n")))
    data, mistakes = read_toml(source)
    mistakes += _misshapen(source, data)
    if mistakes:
        return Draft(source, {}, {}, {}, {}), mistakes
    blocks: dict[str, tuple[str, int]] = {}
    steps = _rows(source, "step", data.pop("step", []), Step, blocks, mistakes)
    notices = _rows(source, "notice", data.pop("notice", []), Notice, blocks, mistakes)
    return Draft(source, data, steps, notices, blocks), mistakes


def read_toml(source: Source) -> tuple[dict[str, Any], list[Mistake]]:
    """The file's content, or its one error of syntax."""
    try:
        return tomllib.loads("\n".join(source.lines)), []
    except tomllib.TOMLDecodeError as wrong:
        found = _SYNTAX_LINE.search(str(wrong))
        line = int(found[1]) if found and found[1] else len(source.lines)
        return {}, [Mistake(source.file, line, f"not TOML: {_SYNTAX_LINE.sub('', str(wrong))}")]


def _misshapen(source: Source, data: dict[str, Any]) -> list[Mistake]:
    """What would be no rows at all, such as [step] for [[step]]."""
    rows = {name: data.get(name, []) for name in ("step", "notice", "includes")}
    wrong = {
        name: f"{name}: rows of tables, such as [[{name}]]"
        for name, found in rows.items()
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found)
    }
    if not isinstance(data.get("always", {}), dict):
        wrong["always"] = "always: a table for each outcome"
    for name in ("version", "common"):
        if type(data.get(name, 1)) is not int:
            wrong[name] = f"{name}: a whole number"
    return [source.mistake(None, (name,), text) for name, text in wrong.items()]


def _rows(
    source: Source,
    kind: str,
    raw: list[dict[str, Any]],
    row: type[AnyRow],
    blocks: dict[str, tuple[str, int]],
    mistakes: list[Mistake],
) -> dict[str, AnyRow]:
    found: dict[str, AnyRow] = {}
    for n, content in enumerate(raw):
        name = str(content.get("id", ""))
        if name in blocks:
            mistakes.append(source.mistake((kind, n), ("id",), f"duplicate id {name}"))
            continue
        blocks[name] = (kind, n)
        read, wrong = read_row(source, (kind, n), content, row)
        mistakes += wrong
        if read is not None:
            found[name] = read
    return found


def read_row(
    source: Source, block: tuple[str, int] | None, content: dict[str, Any], row: type[AnyRow]
) -> tuple[AnyRow | None, list[Mistake]]:
    """A row by its model, or one mistake for each field that does not fit."""
    try:
        return row.model_validate(content), []
    except ValidationError as wrong:
        texts: dict[tuple[Key, ...], str] = {}
        for error in wrong.errors(include_url=False, include_context=False):
            path = _path(content, error["loc"])
            texts.setdefault(path, f"{'.'.join(map(str, path))}: {_explained(error)}")
        return None, [source.mistake(block, path, text) for path, text in texts.items()]


def _path(content: Any, location: tuple[Key, ...]) -> tuple[Key, ...]:
    """Without the tags that a union of types adds behind a key, and with a key that is missing."""
    path: list[Key] = []
    for key in location:
        if not isinstance(content, dict | list):
            break
        path.append(key)
        inside = key in content if isinstance(content, dict) else isinstance(key, int) and key < len(content)
        content = content[key] if inside else None  # type: ignore[index]
    return tuple(path)


def _explained(error: Any) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "unknown key"
    if "role" in error["loc"]:
        return f"unknown role {error['input']!r}"
    return f"{error['msg']}, not {error['input']!r}"
