"""Every name a row uses: steps, outcomes, kinds, helps, guardrails, fields."""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import HELPS, KINDS, Category, Form, Urgency, Weather
from shared.domain.playbooks.format import Notice, NoticeOn, Opening, Playbook, Step
from shared.domain.playbooks.merging import opened_by

Wrong = tuple[tuple[str | int, ...], str]
_PLAIN = ("filed", "major", "promoted", "reopened", "linked", "stray_link")


def check_step_names(step: Step, book: Playbook, guards: Iterable[str] | None) -> Iterator[Wrong]:
    """The path within the step, and the name that nothing has."""
    for path, name in _steps_named(step):
        if name not in book.steps:
            yield path, f"unknown target {name}"
    for n, after in enumerate(step.opens_after):
        if after.outcome and after.step in book.steps and after.outcome not in book.steps[after.step].outcomes:
            yield ("opens_after", n), f"{after.step} has no outcome {after.outcome}"
    for last in step.until:
        of, _, way = last.partition(":")
        if way and of in book.steps and way not in book.steps[of].outcomes:
            yield ("until", last), f"{of} has no outcome {way}"
    for path, outcome in _own_outcomes(step):
        if outcome not in step.outcomes:
            yield path, f"the step has no outcome {outcome}"
    for group in step.needs:
        if not any(step.id in opened_by(book.steps[name]) for name in group if name in book.steps):
            yield ("needs", group[0] if group else 0), f"needs: no outcome of {' or '.join(group)} leads here"
    for n, on in enumerate(step.opens_on):
        yield from ((("opens_on", n), text) for text in _opening(on, book.playbook))
    for kind_path, kind in _kinds_named(step):
        if kind not in KINDS.get(book.playbook, ()):
            yield kind_path, f"{book.playbook} has no kind {kind}"
    for guard in step.guard if guards is not None else ():
        if guard not in (guards or ()):
            yield ("guard", guard), f"unknown guardrail {guard}"
    for field in step.skip.fields if step.skip else ():
        if field not in ReportFiled.model_fields:
            yield ("skip", field), f"a report has no field {field}"


def _steps_named(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, row in step.outcomes.items():
        yield from ((("outcomes", name, target), target) for target in row.opens)
    for n, timed in enumerate(step.timed):
        yield from ((("timed", n, target), target) for target in timed.opens)
    for n, after in enumerate(step.opens_after):
        yield from ((("opens_after", n, target), target) for target in (after.step, *after.unless))
    yield from ((("needs", target), target) for group in step.needs for target in group)
    yield from ((("until", target), target.partition(":")[0]) for target in step.until)
    for n, limit in enumerate(step.limits):
        if limit.after.startswith("step:"):
            yield ("limits", n), limit.after.removeprefix("step:")


def _own_outcomes(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if step.first_ends_others:
        yield ("first_ends_others",), step.first_ends_others
    if step.skip and step.skip.outcome:
        yield ("skip",), step.skip.outcome


def _kinds_named(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from ((("outcomes", name), row.kind) for name, row in step.outcomes.items() if row.kind)
    yield from ((("timed", n), row.kind) for n, row in enumerate(step.timed) if row.kind)


def _opening(on: Opening | NoticeOn, category: Category) -> Iterator[str]:
    values: Mapping[str, Iterable[str]] = {
        "help": HELPS if category == "medical" else (),
        "kind": KINDS.get(category, ()),
        "urgency": get_args(Urgency),
        "form": get_args(Form),
    }
    if on.event == "weather" and on.value not in (None, *get_args(Weather)):
        yield f"unknown weather {on.value!r}"
    if on.event in _PLAIN and on.value is not None:
        yield f"{on.event} takes no value"
    if on.event in values and (on.value or "") not in values[on.event]:
        yield f"unknown {on.event} {on.value!r}"


def check_notice_names(notice: Notice, book: Playbook) -> Iterator[Wrong]:
    """The path within the notice, and the name that nothing has."""
    for n, on in enumerate(notice.on):
        yield from ((("on", n), text) for text in _opening(on, book.playbook))
        for target in (*((on.step,) if on.step else ()), *on.unless):
            if target not in book.steps:
                yield ("on", n, target), f"unknown target {target}"
        if on.event in ("step", "check_missed") and on.step is None:
            yield ("on", n), f"{on.event} names a step"
        if on.outcome and on.step in book.steps and on.outcome not in book.steps[on.step or ""].outcomes:
            yield ("on", n), f"{on.step} has no outcome {on.outcome}"
    if not notice.to and any(on.event != "engine" for on in notice.on):
        yield ("to",), "nobody is told"
