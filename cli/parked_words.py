"""How parked records are shown: nothing of their content unless it is asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from cli.language import Language
from cli.parked_reading import Verdict, about, verdict
from cli.parked_records import Parked

SHORT = 12
_OPEN_HEADERS = frozenset(
    {
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_time",
        "content-type",
        "traceparent",
        "baoshi-waited-ms",
    }
)
"""Of all others only the name: what they hold is as private as the body."""


def line(parked: Parked, said: Language) -> str:
    """Id, when (UTC), where it stood, who parked it, what it is, why."""
    known = about(parked)
    mark = {"zh": " [已重放]", "en": " [replayed]"}[said] if parked.replayed else ""
    place = f"{parked.topic}/{parked.partition}@{parked.offset}"
    what = f"{known.estate or '-'} {known.type or '-'}"
    when = f"{parked.at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    return f"{parked.id[:SHORT]}  {when}  {place}  {','.join(parked.services)}  {what}  {parked.reason}{mark}"


def again(parked: Parked, found: Verdict, said: Language) -> str:
    """What a replay would do with it."""
    place = f"{parked.topic}/{parked.partition}@{parked.offset}"
    return f"{parked.id[:SHORT]}  {place}  {found.words.zh if said == 'zh' else found.words.en}"


def whole(parked: Parked, now: datetime, said: Language, content: bool) -> Iterator[str]:
    """Line by line; with `content` its key, headers and bytes, as escapes where they are not printable."""
    known, found = about(parked), verdict(parked, now)
    yield from (f"{name}: {getattr(parked, name)}" for name in ("id", "topic", "partition", "offset", "reason"))
    yield f"services: {','.join(parked.services)}"
    yield from (f"{name}: {getattr(parked, name).isoformat()}" for name in ("stood_at", "at"))
    yield from (f"{name}: {value}" for name, value in known._asdict().items() if value and name != "key")
    yield f"key: {printable(parked.key) if content else known.key or _hidden(parked.key, said)}"
    for name, value in parked.headers:
        shown = content or name in _OPEN_HEADERS
        yield f"header {printable(name.encode())}: {printable(value) if shown else _hidden(value, said)}"
    yield f"replayed: {parked.replayed}"
    yield f"{'重放' if said == 'zh' else 'a replay'}: {found.words.zh if said == 'zh' else found.words.en}"
    yield printable(parked.value) if content else _hidden(parked.value, said)


def plain(parked: Parked, now: datetime, content: bool = False) -> dict[str, Any]:
    """The same for programs."""
    found = verdict(parked, now)
    shown: dict[str, Any] = {
        **{name: getattr(parked, name) for name in ("id", "topic", "partition", "offset", "reason", "services")},
        **{name: getattr(parked, name) for name in ("stood_at", "at", "replayed")},
        **about(parked)._asdict(),
        "bytes": len(parked.value),
        "again": {"fits": found.what == "fits", "what": found.what, "why": found.words.model_dump()},
    }
    if content:
        shown["headers"] = {name: _text(value) for name, value in parked.headers}
        shown |= {"key": _text(parked.key), "content": _text(parked.value)}
    return shown


def reasons(found: Iterable[Parked]) -> Iterator[str]:
    """How many of each reason and topic, the most first."""
    counted = Counter((parked.reason, parked.topic) for parked in found)
    for (reason, topic), count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6}  {topic}  {reason}"


def printable(content: bytes) -> str:
    """Unreadable bytes and control characters as escapes: what was parked shall not drive the terminal."""
    text = _text(content)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _text(content: bytes) -> str:
    return content.decode(errors="backslashreplace")


def _hidden(content: bytes, said: Language) -> str:
    zh, en = f"({len(content)} 字节,用 --content 查看)", f"({len(content)} bytes, see them with --content)"
    return zh if said == "zh" else en
