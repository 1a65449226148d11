"""One row of an estate put onto a playbook, and what is wrong with it: in both languages, by the row's field."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pydantic import JsonValue

from shared.contracts.event import Words
from shared.contracts.vocabulary import KINDS, Clock
from shared.domain.playbooks.checking import check_notice, check_step
from shared.domain.playbooks.format import Grading, Limit, Notice, Playbook, RecordField, Step
from shared.domain.playbooks.loosening import fewer_people, loosened, told_less
from shared.domain.playbooks.mistakes import Key, Source
from shared.domain.playbooks.own_rows import Override
from shared.domain.playbooks.reading import AnyRow, read_row

_KEYS: dict[str, frozenset[str]] = {
    "step": frozenset({"role", "count", "department", "limits"}),
    "notice": frozenset({"urgency", "to"}),
    "grading": frozenset(),
}
GRADING_KEYS = ("kinds", "signs", "raised_by", "lowered_by", "without_place_after", "promotion")
_NOWHERE = Source("", ())


class Wrong(NamedTuple):
    """`field` within the row, counted from 1 as in `limits.2`."""

    field: str
    words: Words


Put = tuple[Playbook, list[Wrong]]


def put(book: Playbook, row: Override) -> Put:
    """The playbook with the row, and everything wrong with it; whoever finds anything must not use the result."""
    named = [name for name in _KEYS if getattr(row, name)]
    if len(named) != 1:
        zh, en = "须写明 step、notice、grading 三者之一", "names one of step, notice and grading"
        return book, [Wrong("", Words(zh=zh, en=en))]
    given = row.said - {"playbook", named[0]}
    wrong = [_not_here(key, named[0]) for key in sorted(given - _KEYS[named[0]])]
    if not given and named[0] != "grading":
        wrong.append(Wrong("", Words(zh="没有改动任何内容", en="changes nothing")))
    changed, more = _PUT[named[0]](book, row)
    return changed, wrong + more


def _not_here(key: str, what: str) -> Wrong:
    return Wrong(key, Words(zh=f"不能与 {what} 同用", en=f"does not go with {what}"))


# ---- a step --------------------------------------------------------------------


def _put_step(book: Playbook, row: Override) -> Put:
    step = book.steps.get(row.step or "")
    if step is None:
        return book, [_unknown("step", "步骤", row.step, book)]
    limits, wrong = _limits(row)
    own = step.model_copy(update={**_addressee(step, row), **_with_limits(step, limits)})
    changed = book.model_copy(update={"steps": {**book.steps, step.id: own}})
    wrong += [*_addressed(step, own, row), *_looser(step, limits)]
    return changed, wrong + _generic(check_step(own, changed, fields_of(book), None), "步骤")


def _addressee(step: Step, row: Override) -> dict[str, object]:
    """Another role leaves the department behind that the old one had."""
    given: dict[str, object] = {} if row.count is None else {"count": row.count}
    if row.role:
        return {**given, "role": row.role, "department": row.department}
    return {**given, "department": row.department or step.department}


def _addressed(step: Step, own: Step, row: Override) -> Iterable[Wrong]:
    if step.role == "holder" and (row.role or row.department or row.count is not None):
        zh, en = "此步骤交给各任务的现任,不能改派", "this step goes to whoever holds each task, and to nobody else"
        yield Wrong("role" if row.role else "step", Words(zh=zh, en=en))
    if row.role == "department_head" and not row.department:
        zh, en = "部门负责人须写明部门", "department_head needs a department"
        yield Wrong("department", Words(zh=zh, en=en))
    if fewer_people(step, own):
        zh, en = f"依据为 {step.src},人数不得少于 {step.count}", f"src {step.src}: never fewer than {step.count}"
        yield Wrong("count", Words(zh=zh, en=en))


def _limits(row: Override) -> tuple[list[Limit], list[Wrong]]:
    found: list[Limit] = []
    wrong: list[Wrong] = []
    for n, raw in enumerate(row.limits):
        limit, mistakes = _read({"src": "own", **raw}, Limit, "limits", n)
        found += [limit] if limit else []
        wrong += mistakes
    return found, wrong


def _with_limits(step: Step, own: list[Limit]) -> dict[str, object]:
    clocks = {limit.clock for limit in own}
    return {"limits": (*(limit for limit in step.limits if limit.clock not in clocks), *own)}


def _looser(step: Step, own: list[Limit]) -> Iterable[Wrong]:
    clocks: list[Clock] = list(dict.fromkeys(limit.clock for limit in own))
    for clock in clocks:
        fixed = loosened(_of(clock, step.limits), _of(clock, own))
        if fixed:
            zh = f"{clock} 时限依据为 {fixed.src},小区只能更短,不能放宽"
            en = f"the {clock} limit's src is {fixed.src}: an estate may shorten it, never loosen it"
            yield Wrong("limits", Words(zh=zh, en=en))


def _of(clock: Clock, rows: Iterable[Limit]) -> tuple[Limit, ...]:
    return tuple(row for row in rows if row.clock == clock)


# ---- a notice, and grading -------------------------------------------------------


def _put_notice(book: Playbook, row: Override) -> Put:
    notice = book.notices.get(row.notice or "")
    if notice is None:
        return book, [_unknown("notice", "通知", row.notice, book)]
    own = notice.model_copy(update={"urgency": row.urgency or notice.urgency, "to": row.to or notice.to})
    changed = book.model_copy(update={"notices": {**book.notices, notice.id: own}})
    return changed, [*_told(notice, own), *_generic(check_notice(own, changed), "通知")]


def _told(notice: Notice, own: Notice) -> Iterable[Wrong]:
    if told_less(notice, own):
        zh = f"依据为 {notice.src},不得减少通知对象或降低紧急程度"
        en = f"src {notice.src}: nobody may be left out, and nobody told less urgently"
        yield Wrong("to" if own.to != notice.to else "urgency", Words(zh=zh, en=en))
    for n, to in enumerate(own.to):
        if to.department and to.role != "department_head":
            words = Words(zh="只有部门负责人才写部门", en="only department_head has a department")
            yield Wrong(f"to.{n + 1}", words)


def _put_grading(book: Playbook, row: Override) -> Put:
    wrong = [
        Wrong(f"grading.{key}", Words(zh="没有这个字段", en="is no field here"))
        for key in row.grading
        if key not in GRADING_KEYS
    ]
    given = {key: value for key, value in row.grading.items() if key in GRADING_KEYS}
    grading, mistakes = _read({**book.grading.model_dump(), **given}, Grading, "grading")
    if grading is None:
        return book, wrong + mistakes
    wrong += _graded(book, grading)
    return book.model_copy(update={"grading": grading}), wrong


def _graded(book: Playbook, grading: Grading) -> Iterable[Wrong]:
    for kind in grading.kinds:
        if kind not in KINDS.get(book.playbook, ()):
            zh, en = f"{book.playbook} 没有种类 {kind}", f"{book.playbook} has no kind {kind}"
            yield Wrong("grading.kinds", Words(zh=zh, en=en))
    flag = grading.promotion.only_if if grading.promotion else None
    field = fields_of(book).get(flag or "")
    if flag and (field is None or field.type != "flag"):
        zh, en = f"没有步骤记录是非项 {flag}", f"no step records a flag called {flag}"
        yield Wrong("grading.promotion", Words(zh=zh, en=en))


_PUT: dict[str, Callable[[Playbook, Override], Put]] = {
    "step": _put_step,
    "notice": _put_notice,
    "grading": _put_grading,
}


# ---- reading -----------------------------------------------------------------------


def fields_of(book: Playbook) -> dict[str, RecordField]:
    """All that the playbook records, by id."""
    return {field.id: field for step in book.steps.values() for field in step.record}


def _read(
    content: dict[str, JsonValue], row: type[AnyRow], field: str, place: int | None = None
) -> tuple[AnyRow | None, list[Wrong]]:
    name = field if place is None else f"{field}.{place + 1}"
    found, mistakes = read_row(_NOWHERE, None, content, row)
    return found, [Wrong(name, Words(zh=f"写得不对:{m.text}", en=m.text)) for m in mistakes]


def _unknown(field: str, zh: str, name: str | None, book: Playbook) -> Wrong:
    return Wrong(
        field, Words(zh=f"{book.playbook} 没有这个{zh}:{name}", en=f"{book.playbook} has no {field} {name}")
    )


def _generic(wrong: Iterable[tuple[tuple[Key, ...], str]], zh: str) -> list[Wrong]:
    """What the loader would say of such a row in a playbook, at the field that the estate may write."""
    return [
        Wrong(str(path[0]) if path else "", Words(zh=f"这样的{zh}不能成立:{text}", en=text)) for path, text in wrong
    ]
