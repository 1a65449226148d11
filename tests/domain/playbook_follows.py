"""What a playbook says must follow, looked for in what did follow: read from its rows, not from the rules.

Each function gives complaints; none means that all came.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from shared.contracts.event import Fact, Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import ReportReopened, TaskAssigned, TaskChanged, TaskEnded
from shared.domain.playbooks.format import Notice, NoticeOn, Outcome, Playbook, Step

State = dict[str, Any]
Task = dict[str, Any]
NOT_DONE = ("cancelled", "impossible", "hand_on")


class Turn(NamedTuple):
    """One thing that was said, or rang: the case before and after it, and what was decided."""

    book: Playbook
    before: State
    after: State
    facts: Sequence[Fact]

    def sent(self, step: str) -> list[TaskAssigned]:
        return [f for f in self.facts if isinstance(f, TaskAssigned) and f.step == step]


def key(task: Task) -> str:
    return f"{task['step']}-{task['n']}"


def tasks_of(state: State, step: str) -> list[Task]:
    """Those that count in the case's round."""
    found = (t for t in state.get("tasks", {}).values() if t["step"] == step and t["round"] == state["round"])
    return [t for t in found if not t.get("stale") and not t.get("withdrawn")]


def open_tasks(state: State) -> list[Task]:
    return [t for t in state.get("tasks", {}).values() if t["open"]]


def row_of(book: Playbook, step: Step, outcome: str) -> Outcome:
    """The step's own row, else what every step takes; who has no onward contact left asks the head."""
    if outcome in step.outcomes:
        return step.outcomes[outcome]
    opens = book.always[outcome].opens
    return Outcome(opens=tuple("head_decides" if name == step.id else name for name in opens))


# ---- an outcome ----------------------------------------------------------------


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
    yield from _said_of_step(turn, step, task, outcome)
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
    if row.grade and turn.after["grade"] != row.grade and step.role not in _may_not_lower(turn.book):
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


def _may_not_lower(book: Playbook) -> set[str]:
    return {step.role for step in book.steps.values()} - set(book.grading.lowered_by)


def _others_ended(turn: Turn, step: Step, task: Task, outcome: str) -> Iterator[str]:
    for other in open_tasks(turn.before):
        now, of = turn.after["tasks"][key(other)], turn.book.steps.get(other["step"])
        if of and step.id in of.until and (now["open"] or now.get("outcome") != of.first_outcome):
            yield f"{key(other)} was to last until {step.id}"
        beside = other["step"] == step.id and other["id"] != task["id"] and other["round"] == task["round"]
        if beside and step.first_ends_others not in (None, outcome) and now["open"]:
            yield f"{key(other)} was to end by {step.first_ends_others}"


# ---- what opens ------------------------------------------------------------------


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
    for notice, n, row in _rows(turn.book, event):
        if row.value == value or (event == "weather" and row.value is None):
            yield from _told(turn, notice, n, row, "")


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
                yield from _said_of_step(turn, step, task, None)


def _calls(turn: Turn, step: Step) -> tuple[str, ...]:
    """By kind where the step tells kinds apart; a drill calls nobody."""
    report = turn.after["report"]
    by_kind = step.calls if isinstance(step.calls, tuple) else step.calls.get(report.get("kind"), ())
    return () if report.get("drill") else by_kind


def _owners_after(turn: Turn, fact: TaskAssigned) -> Iterator[str]:
    later = (f for f in turn.facts if isinstance(f, TaskAssigned) and f.index > fact.index)
    return (f.to.role for f in later if f.step in turn.book.steps and turn.book.steps[f.step].owns)


# ---- who is told -------------------------------------------------------------------


def _rows(book: Playbook, event: str) -> Iterator[tuple[Notice, int, NoticeOn]]:
    return ((x, n, row) for x in book.notices.values() for n, row in enumerate(x.on) if row.event == event)


def _said_of_step(turn: Turn, step: Step, task: Task, outcome: str | None) -> Iterator[str]:
    """At its sending (`outcome` None) or at this outcome: notices, and what opens by the clock from here."""
    for notice, n, row in _rows(turn.book, "step"):
        if (row.step, row.outcome) == (step.id, outcome):
            yield from _told(turn, notice, n, row, f".{key(task)}")
    names = {t["name"] for t in turn.after["timers"]}
    for other in turn.book.steps.values():
        for after in other.opens_after:
            asked = (after.step, after.outcome) == (step.id, outcome) and not _is_over(turn.after, after.unless)
            if asked and not turn.after.get("closed_at") and f"opens.{other.id}.{key(task)}" not in names:
                yield f"{other.id} does not wait for its time"


def _told(turn: Turn, notice: Notice, n: int, row: NoticeOn, task: str) -> Iterator[str]:
    if _is_over(turn.after, row.unless) or all(to.others for to in notice.to):
        return
    if row.after is not None:
        if not any(t["name"] == f"notice.{notice.id}.{n}{task}" for t in turn.after["timers"]):
            yield f"{notice.id} does not wait for its time"
    else:
        yield from notice_sent(turn, notice)


def notice_sent(turn: Turn, notice: Notice) -> Iterator[str]:
    """To everyone it names; one that still waits for its acknowledgement is not asked again."""
    told = {f.to.role for f in turn.facts if isinstance(f, NoticeIssued) and f.name == notice.id}
    told |= {f.to.role for f in turn.sent(notice.id)}
    waiting = notice.ack and any(t["open"] for t in tasks_of(turn.before, notice.id))
    missed = {to.role for to in notice.to if not to.others} - told
    if missed and not waiting:
        yield f"notice {notice.id} did not go to {sorted(missed)}"


def _is_over(state: State, steps: Iterable[str]) -> bool:
    return any("outcome" in t for step in steps for t in tasks_of(state, step))


# ---- by the clock --------------------------------------------------------------------


def after_ring(turn: Turn, timer: str) -> Iterator[str]:
    """What the clock brings: `timed.`, `opens.`, `notice.`, `check.` and the emergency without a place."""
    kind, *rest = timer.split(".")
    if kind == "grade":
        return iter(() if turn.after["grade"] == "major" else ["not major without a place"])
    if kind == "timed":
        return _timed(turn, rest)
    if kind == "opens":
        return target_opened(turn, rest[0])
    if kind == "notice":
        return notice_sent(turn, turn.book.notices[rest[0]])
    step = rest[0].partition("-")[0]
    return (
        text for x, n, row in _rows(turn.book, "check_missed") if row.step == step for text in notice_sent(turn, x)
    )


def _timed(turn: Turn, rest: list[str]) -> Iterator[str]:
    row = turn.book.steps[rest[0].partition("-")[0]].timed[int(rest[1]) if len(rest) > 1 else 0]
    if not turn.after["tasks"][rest[0]]["open"]:
        yield f"{rest[0]} has ended by the clock"
    for name in row.opens:
        yield from target_opened(turn, name)
    if row.kind and turn.after["report"].get("kind") != row.kind:
        yield f"the kind is not {row.kind}"


# ---- at the end ------------------------------------------------------------------------


def left_undone(book: Playbook, final: State) -> Iterator[str]:
    """What an outcome asked for, that had to wait, and that never came though nothing was in its way."""
    for task in final["tasks"].values():
        step = book.steps.get(task["step"])
        row = step.outcomes.get(task.get("outcome", "")) if step else None
        if task["round"] != final["round"] or task.get("stale"):
            continue
        for name in row.opens if row else ():
            target = book.steps.get(name)
            if target and (target.last or target.needs) and not waits(final, book, target):
                if not tasks_of(final, name):
                    yield f"{name}, which {key(task)} asked for, never came"


def all_told(before: State, facts: Sequence[Fact], step: str, by: Speaker) -> Iterator[str]:
    """Whoever held a task that is over has a word about it, but whoever said so himself."""
    told = {(f.to.person, f.to.post) for f in facts if isinstance(f, TaskAssigned) and f.step == step}
    told |= {(f.to.person, f.to.post) for f in facts if isinstance(f, NoticeIssued) and f.name == "stood_down"}
    for task in open_tasks(before):
        who = (task.get("person"), task.get("post"))
        if who not in told and who[0] != by.person:
            yield f"{key(task)}: {who} was not told"
