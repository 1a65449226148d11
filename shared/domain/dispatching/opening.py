"""What a step needs before it is sent, and the sending of it (PLAYBOOKS 0.1)."""

from collections.abc import Iterable
from itertools import chain

from shared.contracts.vocabulary import Help
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin, each_of_hands, who
from shared.domain.dispatching.sending import send
from shared.domain.dispatching.state import (
    GIVEN_UP,
    Task,
    addressee,
    helps_of,
    key_of,
    next_number,
    obligatory,
    of_step,
    open_tasks,
    tasks,
)
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Step


def open_on(work: Work, event: str, value: str | None = None) -> None:
    """Every step that this event opens without a predecessor."""
    helps: tuple[Help, ...] = (value,) if event == "help" else ()  # type: ignore[assignment]
    for step in work.lookup.opened_by.get((event, value), ()):
        open_step(work, step.id, Origin(helps=helps))


def open_step(work: Work, name: str, origin: Origin, *, anew: bool = False) -> None:
    """At most once a round, a second opening joins the first; side tasks, and what the clock repeats, anew.

    A target that no playbook step carries was dropped where another playbook's step was included.
    """
    step = work.playbook.steps.get(name.rpartition(":")[2])
    if not step or (not step.side and not anew and work.opened(step.id)):
        return
    if step.owns and _is_led(work):
        return
    if anew and any(task["open"] for task in of_step(work.state, step.id)):
        return
    if step.role == "holder":
        open_for_holders(work, step, open_tasks(work.state))
    elif is_known_already(work, step):
        _skip(work, step, origin)
    elif step.side or is_ready(work, step):
        send_step(work, step, _joined(work, step, origin))


def _is_led(work: Work) -> bool:
    """A step that relieves leads the case, so nobody else is asked to in this round (SOP S8)."""
    relieving = (step.id for step in work.playbook.steps.values() if step.relieves)
    return any(t.get("outcome") not in GIVEN_UP for name in relieving for t in of_step(work.state, name))


def send_step(work: Work, step: Step, origin: Origin) -> None:
    """One task for each addressee; fewer people than asked for are the supervisor's to find (SOP S3.1.1)."""
    assert step.role != "holder"
    if step.last:
        origin = origin._replace(helps=())
    found = who(work, step, step.role, origin)
    for place, to in enumerate(found):
        name = f"{step.id}-{next_number(work.state, step.id)}"
        own = timers.of_task(work, step, name)
        of_all = timers.after_step(work, step, name, None) if place == 0 else ()
        task_id = send(work, step, to, origin, tuple(chain(own, of_all))).task_id
        if place == 0:
            notices.on_step(work, step, work.state["tasks"][key_of(task_id)], None)
    if any(to.person for to in found) and not found[-1].person and not found[-1].post:
        opener = work.state["tasks"][f"{step.id}-{next_number(work.state, step.id) - 1}"]
        open_step(work, "short_of_people", Origin(opener=opener, helps=origin.helps))


def open_for_holders(work: Work, step: Step, held: Iterable[Task]) -> None:
    """One word to each pair of hands, however many tasks they hold."""
    for task in each_of_hands(t for t in held if is_real(work, t)):
        send(work, step, addressee(task), Origin(opener=task))


def is_real(work: Work, task: Task) -> bool:
    """Something to do, not a notice to be acknowledged nor a word to a holder."""
    step = work.step_of(task)
    return step is not None and step.role != "holder"


def is_known_already(work: Work, step: Step) -> bool:
    """The step counts as done when the report has what it would ask for."""
    return step.skip is not None and all(known(work, field) for field in step.skip.fields)


def known(work: Work, field: str) -> object:
    if field == "help":
        return helps_of(work.state)
    return work.report.get("place" if field == "patient_place" else field)


def _skip(work: Work, step: Step, origin: Origin) -> None:
    row = step.outcomes.get(step.skip.outcome or "") if step.skip else None
    for target in row.opens if row else ():
        open_step(work, target, origin)


# ---- waiting for others --------------------------------------------------------


def is_ready(work: Work, step: Step) -> bool:
    if step.last and any(task["step"] != step.id for task in obligatory(work.state)):
        return False
    return all(any(_is_done(work, member, step.id) for member in group) for group in step.needs)


def _is_done(work: Work, member: str, target: str) -> bool:
    """All its tasks have ended, one of them so that it leads here; giving up satisfies too (PLAYBOOKS 0.6, 1)."""
    found = of_step(work.state, member)
    if not found or any(task["open"] for task in found):
        return False
    step = work.playbook.steps.get(member)
    leading = {name for name, row in step.outcomes.items() if target in row.opens} if step else set()
    return any(not leading or t["outcome"] in leading or t["outcome"] in GIVEN_UP for t in found)


def open_waiting(work: Work) -> None:
    """Steps that something asked for and that had to wait, in the order of the procedure."""
    for step in work.lookup.patient:
        if not work.opened(step.id):
            wanted = _askers(work, step)
            if wanted or _is_called_for(work, step):
                open_step(work, step.id, _origin_of(step, wanted))


def _joined(work: Work, step: Step, origin: Origin) -> Origin:
    """Whoever waited goes on, though something else, such as the vehicle, was the last to be ready (SOP S3.1.2)."""
    if not step.needs or (origin.opener and origin.opener["role"] == step.role):
        return origin
    return origin._replace(opener=_origin_of(step, _askers(work, step)).opener or origin.opener)


def _askers(work: Work, step: Step) -> list[Task]:
    return [t for t in tasks(work.state) if _asks_for(work, t, step.id)]


def _asks_for(work: Work, task: Task, target: str) -> bool:
    if "outcome" not in task or task["round"] != work.state["round"] or task.get("stale"):
        return False
    step = work.step_of(task)
    row = step.outcomes.get(task["outcome"]) if step else None
    return row is not None and target in row.opens


def _is_called_for(work: Work, step: Step) -> bool:
    said: dict[str, set[str | None]] = {
        "filed": {None},
        "help": set(helps_of(work.state)),
        "kind": {work.report.get("kind")},
        "urgency": {work.report.get("urgency")},
        "form": {work.form},
        "major": {None} if work.state["grade"] == "major" else set(),
    }
    return any(row.value in said.get(row.event, ()) for row in step.opens_on)


def _origin_of(step: Step, wanted: list[Task]) -> Origin:
    """Of those who asked for it, whoever has the step's role goes on with it; a last step serves the whole case."""
    if not wanted:
        return Origin()
    opener = next((t for t in wanted if t["role"] == step.role), wanted[-1])
    helps = () if step.last else tuple(dict.fromkeys(h for t in wanted for h in t["helps"]))
    return Origin(opener=opener, helps=helps)
