"""What a playbook may not be, whole: each complaint at the row's own file and line."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import get_args

from shared.contracts.event import Words
from shared.contracts.vocabulary import LADDERS, Channel, Form, Kind
from shared.domain.playbooks.format import Notice, Playbook, RecordField, Step, Waits
from shared.domain.playbooks.grading_checks import check_grading
from shared.domain.playbooks.limit_checks import NOTHING, check_limits
from shared.domain.playbooks.merging import Whole
from shared.domain.playbooks.mistakes import Mistake, Source
from shared.domain.playbooks.paths import circles, unreachable
from shared.domain.playbooks.targets import Wrong, check_notice_names, check_step_names
from shared.domain.playbooks.words import check_kind, check_words

_CLAUSE = re.compile(r"S\d+([a-z]|(\.\d+){0,2})|Ladders")
_SRC = re.compile(r"(S|F|G|own)\b")
MOST_PEOPLE = 20
"""More than an estate has on a shift; each gets a task and a ladder, so a slip of the pen would ring everybody."""
_STARTS = ("filed", "form", "kind", "help", "urgency")


def check(book: Playbook, whole: Whole, guards: set[str] | None) -> list[Mistake]:
    """All that is wrong with one playbook, the rows it shares with others included."""
    fields = {field.id: field for step in book.steps.values() for field in step.record}
    mistakes: list[Mistake] = []
    for step in book.steps.values():
        wrong = check_step(step, book, fields, guards)
        mistakes += [whole.mistake(step.id, path, f"{step.id}: {text}") for path, text in wrong]
    for notice in book.notices.values():
        told = check_notice(notice, book)
        mistakes += [whole.mistake(notice.id, path, f"{notice.id}: {text}") for path, text in told]
    mistakes += [whole.mistake(None, path, text) for path, text in _head(book, whole)]
    mistakes += [whole.mistake(s, ("id",), f"{s}: unreachable, nothing opens it") for s in unreachable(book)]
    mistakes += [whole.mistake(c[0], ("id",), f"goes round in a circle: {' > '.join(c)}") for c in circles(book)]
    return mistakes


def check_step(
    step: Step, book: Playbook, fields: Mapping[str, RecordField], guards: set[str] | None
) -> list[Wrong]:
    """The path within the step and what is wrong. `fields`: all that the playbook records, by id."""
    return [*_step(step), *check_limits(step, fields), *check_step_names(step, book, guards)]


def check_notice(notice: Notice, book: Playbook) -> list[Wrong]:
    """The path within the notice and what is wrong."""
    return [*_said(notice), *check_notice_names(notice, book)]


def _head(book: Playbook, whole: Whole) -> Iterator[Wrong]:
    own = whole.draft.steps.values()
    if not book.zh or not book.en:
        yield ("playbook",), "zh and en: the playbook has no name"
    if not any(on.event in _STARTS for step in own for on in step.opens_on):
        yield ("playbook",), "no step opens on a report: filed, form, kind, help or urgency"
    if not any(row.close for step in own for row in step.outcomes.values()):
        yield ("playbook",), "no outcome closes the case"
    if book.recording_step is not None and book.recording_step not in book.steps:
        yield ("recording_step",), f"unknown target {book.recording_step}"
    yield from ((("grading", key), f"{key}: {words.en}") for key, words in check_grading(book, book.grading))
    yield from (
        (("always", name, target), f"unknown target {target}")
        for name, always in book.always.items()
        for target in always.opens
        if target not in book.steps
    )
    yield from _forms(book)


def _forms(book: Playbook) -> Iterator[Wrong]:
    """Where only the form opens a step, every form and every channel leads to one."""
    openings = [on for step in book.steps.values() for on in step.opens_on]
    forms = {on.value for on in openings if on.event == "form"}
    if not forms or any(on.event == "filed" for on in openings):
        return
    if missing := sorted(set(get_args(Form)) - forms):
        yield ("playbook",), f"no step opens on form {', '.join(missing)}"
    if silent := sorted(set(get_args(Channel)) - set(book.default_form)):
        yield ("default_form",), f"default_form: no form for {', '.join(silent)}"


def _said(row: Step | Notice) -> Iterator[Wrong]:
    yield from (((key,), text) for key, text in check_words(row.zh, row.en))
    if not row.clause:
        yield ("clause",), "no clause"
    for clause in row.clause:
        if not _CLAUSE.fullmatch(clause):
            yield ("clause",), f"clause {clause} is none of the procedure's"
    if not _SRC.match(row.src):
        yield ("src",), "src begins with S, F, G or own"


def _step(step: Step) -> Iterator[Wrong]:
    yield from _said(step)
    yield from _record(step.record)
    for n, limit in enumerate(step.limits):
        if not _SRC.match(limit.src):
            yield ("limits", n), "src begins with S, F, G or own"
    if isinstance(step.count, int) and step.count < 1:
        yield ("count",), "count is at least 1"
    if isinstance(step.count, int) and step.count > MOST_PEOPLE:
        yield ("count",), f"count is {MOST_PEOPLE} at most"
    if step.department and step.role != "department_head":
        yield ("department",), "only a department_head has a department"
    for path, amount in _delays(step):
        if amount <= NOTHING:
            yield path, "a delay is longer than nothing"
    for name, row in step.outcomes.items():
        if row.withdraws != ("stand_down" in row.opens):
            yield ("outcomes", name), "withdraws and stand_down go together: nobody is left without being told"


def _delays(step: Step) -> Iterator[tuple[tuple[str | int, ...], timedelta]]:
    yield from ((("timed", n), row.after) for n, row in enumerate(step.timed))
    for n, after in enumerate(step.opens_after):
        yield ("opens_after", n), after.delay
        if after.repeat is not None:
            yield ("opens_after", n), after.repeat
    if step.check_every is not None:
        yield ("check_every",), step.check_every


def _record(fields: tuple[RecordField, ...]) -> Iterator[Wrong]:
    for n, field in enumerate(fields):
        if field.id in {other.id for other in fields[:n]}:
            yield ("record", n), f"duplicate field {field.id}"
        if not field.zh.strip() or not field.en.strip():
            yield ("record", n), f"{field.id}: words are missing"
        if (field.type == "choice") != bool(field.choices) or (field.several and not field.choices):
            yield ("record", n), f"{field.id}: a choice, and nothing else, has choices"


def check_ladders(waits: tuple[Waits, ...], kinds: dict[str, Words], source: Source) -> list[Mistake]:
    """Every role has waits, none is nothing, and every kind has words that fit."""
    mistakes: list[Mistake] = []
    for n, row in enumerate(waits):
        if any(wait <= NOTHING for wait in row.waits):
            mistakes.append(source.mistake(None, ("waits", n), f"{row.role}: a wait is longer than nothing"))
        if any((other.role, other.lane) == (row.role, row.lane) for other in waits[:n]):
            mistakes.append(source.mistake(None, ("waits", n), f"{row.role}: a second row for {row.lane}"))
    missing = [role for role in LADDERS if role not in {row.role for row in waits}]
    mistakes += [source.mistake(None, ("waits",), f"{role}: no waits") for role in missing]
    for kind in get_args(Kind):
        words = kinds.get(kind)
        text = check_kind(words.zh, words.en) if words else "words are missing"
        if text:
            mistakes.append(source.mistake(None, ("kinds", kind), f"{kind}: {text}"))
    return mistakes
