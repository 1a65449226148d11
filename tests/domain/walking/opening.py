"""What is to open, and what is to run for every task that goes out, looked for in what was decided."""

from collections.abc import Iterator

from shared.contracts.tasks import TaskAssigned
from shared.domain.playbooks.format import Playbook, Step
from tests.domain.walking.telling import rows, said_of_step, told
from tests.domain.walking.turn import NOT_DONE, State, Turn, key, open_tasks, tasks_of


def target_opened(turn: Turn, name: str) -> Iterator[str]:
    """Sent, or joined to one that was, or waiting for what it needs; what is known already is skipped."""
    step = turn.book.steps.get(name)
    if step is None or turn.sent(name) or waits(turn.after, turn.book, step):
        return
    if step.owns and _is_led(turn):
        return
    if step.role == "holder":
        real = [t for t in open_tasks(turn.after) if t["step"] in turn.book.steps]
        if any(turn.book.steps[t["step"]].role != "holder" for t in real):
            yield f"{name}: no holder was told"
    elif step.skip and all(_known(turn.after, field) for field in step.skip.fields):
        for target in step.outcomes[step.skip.outcome].opens if step.skip.outcome else ():
            yield from target_opened(turn, target)
    elif step.side or not tasks_of(turn.after, name):
        yield f"{name} was not sent"


def _is_led(turn: Turn) -> bool:
    """Whoever relieved the owner leads to the end of the round."""
    steps = turn.book.steps.values()
    found = (t for step in steps if step.relieves for t in tasks_of(turn.after, step.id))
    return any(t.get("outcome") not in NOT_DONE for t in found)


def waits(state: State, book: Playbook, step: Step) -> bool:
    """For all else to end, or for what its `needs` name."""
    last = step.last and any(not t["optional"] for t in open_tasks(state) if t["step"] != step.id)
    return last or not all(any(_led(state, book, member, step.id) for member in group) for group in step.needs)


def _led(state: State, book: Playbook, member: str, target: str) -> bool:
    found, rows = tasks_of(state, member), book.steps[member].outcomes if member in book.steps else {}
    leading = {name for name, row in rows.items() if target in row.opens}
    over = bool(found) and not any(t["open"] for t in found)
    return over and any(not leading or t["outcome"] in leading | {"cancelled", "impossible"} for t in found)


def _known(state: State, field: str) -> object:
    if field == "help":
        return state["help"]
    return state["report"].get("place" if field == "patient_place" else field)


def after_event(turn: Turn, event: str, value: str | None) -> Iterator[str]:
    """Steps and notices that wait for this event of the report."""
    for step in turn.book.steps.values():
        if any((on.event, on.value) == (event, value) for on in step.opens_on):
            yield from target_opened(turn, step.id)
    for notice, n, row in rows(turn.book, event):
        if row.value == value or (event == "weather" and row.value is None):
            yield from told(turn, notice, n, row, "")


def after_sending(turn: Turn) -> Iterator[str]:
    """Every task that goes out: its clocks run, and who is to be told of it is told."""
    for fact in turn.facts:
        if isinstance(fact, TaskAssigned) and fact.step in turn.book.steps:
            step, task = turn.book.steps[fact.step], turn.after["tasks"][f"{fact.step}-{fact.n}"]
            names = {t["name"] for t in turn.after["timers"]}
            for n in range(len(step.timed)) if task["open"] and not task["acked"] else ():
                if f"timed.{key(task)}" + (f".{n}" if n else "") not in names:
                    yield f"nothing is timed on {key(task)}"
            if set(fact.calls or ()) != set(_calls(turn, step)):
                yield f"{key(task)} calls {fact.calls}"
            if step.check_every and task["open"] and f"check.{key(task)}" not in names:
                yield f"{key(task)} is not checked"
            if step.owns and turn.after["owner"] not in (fact.to.role, *_owners_after(turn, fact)):
                yield f"the report is not {fact.to.role}'s"
            if fact is turn.sent(fact.step)[0] and step.role != "holder":
                yield from said_of_step(turn, step, task, None)


def _calls(turn: Turn, step: Step) -> tuple[str, ...]:
    """By kind where the step tells kinds apart; a drill calls nobody."""
    report = turn.after["report"]
    by_kind = step.calls if isinstance(step.calls, tuple) else step.calls.get(report.get("kind"), ())
    return () if report.get("drill") else by_kind


def _owners_after(turn: Turn, fact: TaskAssigned) -> Iterator[str]:
    later = (f for f in turn.facts if isinstance(f, TaskAssigned) and f.index > fact.index)
    return (f.to.role for f in later if f.step in turn.book.steps and turn.book.steps[f.step].owns)
