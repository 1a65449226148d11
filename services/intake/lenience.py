"""Reading an emergency: what cannot be read is kept in words instead of being refused (SOP S3.0)."""

import json
import re
from typing import Any, NamedTuple

from pydantic import ValidationError

from services.intake.problems import Mistake
from services.intake.wording import shaped, words
from shared.contracts.commands import ReportRequest

_TEXT = 4000
_MOVED_TEXT = 2000
_ONE_FIELD = 500
_LINE = 80
_CUT = "…"
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LEAST: dict[str, Any] = {"category": "medical"}
_MOVED = words("看不懂,已原样记入text", "Could not be read; kept as said in text")
_PARTLY = words("含控制字符或过长,只录了一部分", "Control characters or too long; only a part was kept")
_CHASE = words("请问清后用amendments更正", "Ask again and correct it by an amendment")


class Read(NamedTuple):
    """A report as read, and what of it could not be."""

    request: ReportRequest
    unread: tuple[Mistake, ...] = ()


def read_emergency(content: dict[str, Any]) -> Read:
    """Never refuses; the class was found readable before."""
    said = {_visible(name)[:40]: _visible_value(value) for name, value in content.items()}
    altered = [] if list(said.values()) == list(content.values()) else [Mistake("body", _PARTLY, _CHASE)]
    text = said.pop("text", "")
    if not isinstance(text, str):
        text = _words_of(text)
    wrong = _mistakes(said)
    kept = {name: value for name, value in said.items() if name not in wrong}
    for name in wrong:
        kept.update(_best_of(name, said[name]))
    return _with_text(kept, text, {name: said[name] for name in wrong}, altered)


def keep_in_text(request: ReportRequest, wrong: list[Mistake]) -> Read:
    """The report without these fields, and with what they said in its text."""
    said = request.model_dump(mode="json", exclude_unset=True)
    moved = {m.field: said.pop(m.field) for m in wrong if m.field in said}
    text = str(said.pop("text", ""))
    return _with_text(said, text, moved, [m for m in wrong if m.field not in moved])


def _with_text(kept: dict[str, Any], text: str, moved: dict[str, Any], other: list[Mistake]) -> Read:
    lines = _cut("\n".join(f"【{name}】{_words_of(value)}" for name, value in moved.items()), _MOVED_TEXT)
    room = _TEXT - len(lines) - 1
    unread = [Mistake(name, _MOVED, _CHASE) for name in moved] + other
    if len(text) > room or _CUT in lines:
        unread.append(Mistake("text", _PARTLY, _CHASE))
    whole = "\n".join(part for part in (_cut(text, room), lines) if part)
    return Read(ReportRequest.model_validate({**kept, "text": whole}), tuple(unread))


def _mistakes(content: dict[str, Any]) -> dict[str, Mistake]:
    """Top fields that cannot be read, each with one reason."""
    try:
        ReportRequest.model_validate(content)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False, include_input=False)
        return {str(e["loc"][0]): shaped(e, e["loc"][:1]) for e in errors}
    return {}


def _best_of(name: str, value: Any) -> dict[str, Any]:
    """What of an unreadable field can still be used: the good items of a list, the beginning of a line."""
    if isinstance(value, list):
        best: Any = [item for item in value if not _mistakes({**_LEAST, name: [item]})]
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        best = str(value).strip()[:_LINE]
    else:
        return {}
    return {} if _mistakes({**_LEAST, name: best}) else {name: best}


def _visible(text: str) -> str:
    """Without control characters and lone surrogates, which no screen, pager or database takes."""
    return _HIDDEN.sub(" ", text)


def _visible_value(value: Any) -> Any:
    if isinstance(value, str):
        return _visible(value)
    return [_visible_value(item) for item in value] if isinstance(value, list) else value


def _words_of(value: Any) -> str:
    return _cut(_visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)), _ONE_FIELD)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + _CUT
