"""Reads the playbooks' folder, once at start, and refuses what cannot work, naming file and line."""

from pathlib import Path
from typing import Any, NamedTuple, cast

from shared.contracts.event import Words
from shared.contracts.vocabulary import Category
from shared.domain.playbooks.checking import check, check_ladders
from shared.domain.playbooks.format import Playbook, Playbooks, Row, Waits
from shared.domain.playbooks.merging import Drafts, merge
from shared.domain.playbooks.mistakes import Mistake, PlaybookMistake, Source
from shared.domain.playbooks.reading import Draft, read_draft, read_row, read_toml
from shared.domain.playbooks.versions import check_digest

PACKAGED = Path(__file__).parents[2] / "playbooks"
_TABLES = ("ladders.toml", "digests.toml")


class Ladders(Row):
    """What `ladders.toml` says."""

    waits: tuple[Waits, ...]
    guardrails: dict[str, Words]
    kinds: dict[str, Words]


class _Read(NamedTuple):
    newest: list[Draft]
    earlier: list[Draft]
    mistakes: list[Mistake]


def load_playbooks(folder: Path | None = None, *, unrecorded: bool = False) -> Playbooks:
    """All playbooks of the folder, the newest and earlier versions. Raises `PlaybookMistake` with all mistakes.

    `unrecorded`: nothing will begin under them, so that a change may still stand under an old number.
    """
    folder = folder or PACKAGED
    read = _read(folder)
    mistakes = read.mistakes
    ladders = _ladders(folder, mistakes)
    drafts = {(d.name, d.version): d for d in (*read.earlier, *read.newest)}
    digests = None if unrecorded else _digests(folder, mistakes)
    newest = _playbooks(read.newest, drafts, ladders, digests, mistakes)
    earlier = _playbooks(read.earlier, drafts, ladders, digests, mistakes)
    if mistakes or ladders is None:
        raise PlaybookMistake(mistakes)
    by_version: dict[Category, dict[int, Playbook]] = {}
    for book in earlier:
        by_version.setdefault(book.playbook, {})[book.version] = book
    return Playbooks(
        by_category={book.playbook: book for book in newest},
        earlier=by_version,
        waits=ladders.waits,
        guardrails=ladders.guardrails,
        kinds=ladders.kinds,
    )


def _read(folder: Path) -> _Read:
    read = _Read([], [], [])
    for path in sorted(folder.glob("*.toml")):
        if path.name not in _TABLES:
            read.newest.append(_draft(path, path.name, path.stem, read.mistakes))
    for path in sorted((folder / "earlier").glob("*.toml")):
        draft = _draft(path, f"earlier/{path.name}", path.name.split(".")[0], read.mistakes)
        read.earlier.append(draft)
        if draft.head and path.name != f"{draft.name}.{draft.version}.toml":
            read.mistakes.append(
                draft.mistake(None, ("version",), "an earlier file is called <name>.<version>.toml")
            )
    return read


def _draft(path: Path, file: str, name: str, mistakes: list[Mistake]) -> Draft:
    draft, wrong = read_draft(file, path.read_text(encoding="utf-8", errors="replace"))
    mistakes += wrong
    if draft.head and draft.name != name:
        mistakes.append(draft.mistake(None, ("playbook",), f'playbook: the file\'s name says "{name}"'))
    return draft


def _playbooks(
    files: list[Draft],
    drafts: Drafts,
    ladders: Ladders | None,
    digests: dict[str, dict[str, str]] | None,
    mistakes: list[Mistake],
) -> list[Playbook]:
    found: list[Playbook] = []
    for draft in files:
        if draft.name == "common" or not draft.head:
            continue
        book = _playbook(draft, drafts, ladders, mistakes)
        if book is not None:
            found.append(book)
            mistakes += check_digest(book, draft, digests)
    return found


def _playbook(draft: Draft, drafts: Drafts, ladders: Ladders | None, mistakes: list[Mistake]) -> Playbook | None:
    whole, wrong = merge(draft, drafts)
    head = {**draft.head, "steps": whole.steps, "notices": whole.notices, "always": whole.always}
    book, unread = read_row(draft.source, None, {**head, "includes": whole.included}, Playbook)
    wrong += unread
    if book is not None:
        wrong += check(book, whole, set(ladders.guardrails) if ladders else None)
    mistakes += wrong
    return book if not wrong else None


def _ladders(folder: Path, mistakes: list[Mistake]) -> Ladders | None:
    source, content = _table(folder, "ladders.toml", mistakes)
    if content is None:
        return None
    ladders, wrong = read_row(source, None, content, Ladders)
    mistakes += wrong if ladders is None else check_ladders(ladders.waits, ladders.kinds, source)
    return ladders


def _digests(folder: Path, mistakes: list[Mistake]) -> dict[str, dict[str, str]] | None:
    """None where a folder records none, as a folder that is being written does."""
    if not (folder / "digests.toml").exists():
        return None
    _, content = _table(folder, "digests.toml", mistakes)
    return cast(dict[str, dict[str, str]] | None, content)


def _table(folder: Path, name: str, mistakes: list[Mistake]) -> tuple[Source, dict[str, Any] | None]:
    path = folder / name
    if not path.exists():
        mistakes.append(Mistake(name, 1, "the file is missing"))
        return Source(name, ()), None
    source = Source(name, tuple(path.read_text(encoding="utf-8").split("\n")))
    content, wrong = read_toml(source)
    mistakes += wrong
    return source, None if wrong else content
