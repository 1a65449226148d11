"""One row of an estate put onto a playbook, and what is wrong with it: in both languages, by the row's field."""

from collections.abc import Callable, Iterable

from shared.contracts.event import Words
from shared.domain.playbooks.checking import check_notice, check_step
from shared.domain.playbooks.format import Grading, Notice, Playbook, Step
from shared.domain.playbooks.grading_checks import check_grading, fields_of
from shared.domain.playbooks.loosening import fewer_people, maybe_fewer, told_less
from shared.domain.playbooks.mistakes import Key
from shared.domain.playbooks.override_limits import loose_limits, read_limits, with_limits
from shared.domain.playbooks.override_reading import Wrong, read_part
from shared.domain.playbooks.own_rows import Override

_KEYS: dict[str, frozenset[str]] = {
    "step": frozenset({"role", "count", "department", "limits"}),
    "notice": frozenset({"urgency", "to"}),
    "grading": frozenset(),
}
GRADING_KEYS = ("kinds", "signs", "raised_by", "lowered_by", "without_place_after", "promotion")


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
    limits, wrong = read_limits(row)
    own = step.model_copy(update={**_addressee(step, row), **with_limits(step, limits)})
    changed = book.model_copy(update={"steps": {**book.steps, step.id: own}})
    wrong += [*_addressed(step, own, row), *loose_limits(book.playbook, step, limits)]
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
    if maybe_fewer(step, own):
        zh, en = f"each 可能少于 {step.count} 人", f"each may be fewer than {step.count}: write a number"
        yield Wrong("count", Words(zh=zh, en=en))


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
    grading, mistakes = read_part({**book.grading.model_dump(), **given}, Grading, "grading")
    if grading is None:
        return book, wrong + mistakes
    wrong += [Wrong(f"grading.{key}", words) for key, words in check_grading(book, grading)]
    return book.model_copy(update={"grading": grading}), wrong


_PUT: dict[str, Callable[[Playbook, Override], Put]] = {
    "step": _put_step,
    "notice": _put_notice,
    "grading": _put_grading,
}


# ---- words -------------------------------------------------------------------------


def _unknown(field: str, zh: str, name: str | None, book: Playbook) -> Wrong:
    return Wrong(
        field, Words(zh=f"{book.playbook} 没有这个{zh}:{name}", en=f"{book.playbook} has no {field} {name}")
    )


def _generic(wrong: Iterable[tuple[tuple[Key, ...], str]], zh: str) -> list[Wrong]:
    """What the loader would say of such a row in a playbook, at the field that the estate may write."""
    return [
        Wrong(str(path[0]) if path else "", Words(zh=f"这样的{zh}不能成立:{text}", en=text)) for path, text in wrong
    ]
