"""Whom a step calls outside the estate: 110, 119, 120, 122, firms. A drill calls nobody (SOP S5, S6)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from shared.contracts.event import RecordValue, Words
from shared.contracts.vocabulary import Kind, Outside
from shared.domain.dispatching.state import NUMBERS, tasks
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Notice, Outcome, Step

NAMES: Mapping[Outside, Words] = {
    "authority": Words(zh="主管部门", en="authority"),
    "body": Words(zh="相关部门", en="the right body"),
    "company": Words(zh="公司", en="company"),
    "lift_firm": Words(zh="维保单位", en="lift firm"),
    "gas_company": Words(zh="燃气公司", en="gas company"),
}
ANYBODY = Words(zh="外线", en="anyone")
DO_NOT_CALL = Words(
    zh="勿联系{calls},只口述{place}报警内容", en="Do NOT call {calls}. Say aloud what you would, {place}."
)


class Uncalled(NamedTuple):
    """Why a reply about calls cannot be taken."""

    reason: str
    detail: str


def named(work: Work, step: Step | Notice) -> tuple[Outside, ...]:
    """By the report's kind, where the step tells kinds apart; a drill says the same, and calls nobody."""
    if isinstance(step.calls, tuple):
        return step.calls
    kind: Kind | None = work.report.get("kind")
    return step.calls.get(kind, ()) if kind else ()


def calls(work: Work, step: Step) -> tuple[Outside, ...]:
    """Whom the task's holder is to call; in a drill nobody."""
    return () if work.is_drill else named(work, step)


def words_of(work: Work, step: Step | Notice) -> Words:
    """The step's own words; in a drill those of one that calls say that nobody is to be called."""
    if not (step.calls and work.is_drill):
        return step.words
    who = [NAMES.get(one, Words(zh=one, en=one)) for one in named(work, step)] or [ANYBODY]
    zh, en = "、".join(w.zh for w in who), ", ".join(w.en for w in who)
    return Words(zh=DO_NOT_CALL.zh.replace("{calls}", zh), en=DO_NOT_CALL.en.replace("{calls}", en))


def wanted(work: Work, step: Step) -> set[Outside]:
    """What the kind asks for, and what was said before asks for, of the numbers that this step can call."""
    choices = {choice for field in step.record if field.id == NUMBERS for choice in field.choices}
    return set() if work.is_drill else {*calls(work, step), *_asked_before(work)} & choices


def uncalled(work: Work, step: Step, outcome: str, record: Mapping[str, RecordValue]) -> Uncalled | None:
    """Every number that the kind asks for was called, and the outcome says what was called besides."""
    field = next((f for f in step.record if f.id == NUMBERS), None)
    row = step.outcomes.get(outcome)
    if field is None or row is None or not row.record or work.is_drill:
        return None
    value = record.get(NUMBERS)
    said = set(value if isinstance(value, list) else [value])
    if lacking := sorted((wanted(work, step) | set(row.calls)) - said):
        return Uncalled("not_called", ", ".join(lacking))
    fitting = [name for name, other in step.outcomes.items() if _fits(other, said)]
    return Uncalled("say_outcome", fitting[0]) if fitting and outcome not in fitting else None


def _asked_before(work: Work) -> Iterator[Outside]:
    """By what was said before, such as that somebody is hurt; whoever can call answers for it."""
    for task in tasks(work.state):
        step = work.step_of(task)
        row = step.outcomes.get(task.get("outcome") or "") if step and not task.get("stale") else None
        if step and row and all(field.id != NUMBERS for field in step.record):
            yield from row.calls


def _fits(row: Outcome, said: set[str | int | None]) -> bool:
    return bool(row.calls) and set(row.calls) <= said
