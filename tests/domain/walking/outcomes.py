"""What an outcome says must follow, looked for in what did follow: read from its row, not from the rules.

Each function gives complaints; none means that all came.
"""

from collections.abc import Iterator

from shared.contracts.tasks import ReportReopened, TaskChanged, TaskEnded
from shared.domain.dispatching.grades import RANKS
from shared.domain.playbooks.format import Outcome, Playbook, Step
from tests.domain.walking.opening import after_event, after_sending, target_opened, waits
from tests.domain.walking.telling import said_of_step
from tests.domain.walking.turn import NOT_DONE, State, Task, Turn, key, open_tasks, row_of, tasks_of


def after_outcome(turn: Turn, task: Task, outcome: str) -> Iterator[str]:
    """Ended or left open, as its row says; targets, notices and clocks; what ends with it."""
    step = turn.book.steps[task["step"]]
    row = row_of(turn.book, step, outcome)
    yield from _ended_or_noted(turn, task, outcome, row.ends or step.side)
    if turn.before.get("closed_at") and not row.reopens:
        return
    if row.reopens:
        yield from _reopened(turn)
    for name in row.opens:
        if not (row.withdraws and name == "stand_down"):
            yield from target_opened(turn, name)
    yield from _changed(turn, step, task, row)
    yield from said_of_step(turn, step, task, outcome)
    if outcome not in NOT_DONE and (row.ends or step.side):
        yield from _others_ended(turn, step, task, outcome)
    yield from after_sending(turn)
    obligatory = [t for t in open_tasks(turn.after) if not t["optional"]]
    if not obligatory and not turn.after.get("closed_at"):
        yield "nothing obligatory is open and the case is not closed"


def _ended_or_noted(turn: Turn, task: Task, outcome: str, ends: bool) -> Iterator[str]:
    ended = any(isinstance(f, TaskEnded) and (f.task_id, f.outcome) == (task["id"], outcome) for f in turn.facts)
    changes = [f for f in turn.facts if isinstance(f, TaskChanged) and (f.task_id, f.what) == (task["id"], "noted")]
    noted = any(f.note == outcome or outcome == "hand_on" for f in changes)
    if ends and not ended:
        yield "the task has not ended by it"
    if not ends and (ended or not noted):
        yield "the outcome is not noted on its open task"


def _reopened(turn: Turn) -> Iterator[str]:
    """Only what was closed is reopened; before that the case simply goes on."""
    if turn.before.get("closed_at"):
        if not any(isinstance(f, ReportReopened) for f in turn.facts):
            yield "the case is not reopened"
        yield from after_event(turn, "reopened", None)


def _changed(turn: Turn, step: Step, task: Task, row: Outcome) -> Iterator[str]:
    """What of the report is different, and who is stood down."""
    if not set(row.help) & set(turn.after["help"]) and row.help:
        yield f"help is {turn.after['help']}, not {row.help}"
    if row.kind and turn.after["report"].get("kind") != row.kind:
        yield f"the kind is not {row.kind}"
    lower = row.grade and RANKS[turn.after["grade"]] < RANKS[row.grade]
    if lower and step.role not in _may_not_raise(turn.book):
        yield f"the grade is not {row.grade}"
    if row.withdraws:
        mine = set(task["helps"])
        for other in open_tasks(turn.before):
            same = not mine or (other["helps"] and set(other["helps"]) <= mine)
            if (
                same
                and other["step"] not in ("stand_down", task["step"])
                and turn.after["tasks"][key(other)]["open"]
            ):
                yield f"{key(other)} is not withdrawn"


def _may_not_raise(book: Playbook) -> set[str]:
    return {step.role for step in book.steps.values()} - set(book.grading.raised_by)


def _others_ended(turn: Turn, step: Step, task: Task, outcome: str) -> Iterator[str]:
    for other in open_tasks(turn.before):
        now, of = turn.after["tasks"][key(other)], turn.book.steps.get(other["step"])
        lasted = of and {step.id, f"{step.id}:{outcome}"}.intersection(of.until)
        if of and lasted and (now["open"] or now.get("outcome") != of.first_outcome):
            yield f"{key(other)} was to last until {step.id}"
        beside = other["step"] == step.id and other["id"] != task["id"] and other["round"] == task["round"]
        if beside and step.first_ends_others not in (None, outcome) and now["open"]:
            yield f"{key(other)} was to end by {step.first_ends_others}"


def left_undone(book: Playbook, final: State) -> Iterator[str]:
    """What an outcome asked for, that had to wait, and that never came though nothing was in its way."""
    for task in final["tasks"].values():
        step = book.steps.get(task["step"])
        row = step.outcomes.get(task.get("outcome", "")) if step else None
        if task["round"] != final["round"] or task.get("stale"):
            continue
        for name in row.opens if row else ():
            target = book.steps.get(name)
            due = target and (target.last or target.needs) and not waits(final, book, target)
            if due and not tasks_of(final, name):
                yield f"{name}, which {key(task)} asked for, never came"


def is_awaited(book: Playbook, state: State, step: str) -> bool:
    """Whether a step that something has asked for already still waits for this one."""
    waiting = [s for s in book.steps.values() if any(step in group for group in s.needs)]
    return any(
        target.id in row_of(book, book.steps[t["step"]], t["outcome"]).opens
        for target in waiting
        for t in state["tasks"].values()
        if t["step"] in book.steps and t.get("outcome") in {**book.steps[t["step"]].outcomes, **book.always}
    )
