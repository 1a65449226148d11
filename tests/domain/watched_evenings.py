"""An evening that escalation plays too, at an estate whose departments have heads."""

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.escalations import LimitPassed, RungReached
from shared.contracts.event import Fact, Speaker
from shared.contracts.ids import parse_task_id
from shared.contracts.replies import TaskHandedOn
from shared.contracts.vocabulary import Category
from shared.domain.auditing import Finding, Moment, audit_case
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.roster import Estate, Person
from shared.domain.estates.rows import Shift
from shared.domain.rehearsing import Rehearsal
from tests.domain.evenings import CODE, START, Evening
from tests.support.estate import MIDNIGHT, an_estate

HEADS = {"engineering": "chief-1", "green": "green-1", "cleaning": "clean-1"}
CHIEF = Speaker(role="department_head", person="chief-1")
TOMORROW = START + timedelta(hours=20)
URGENT = {"urgency": "urgent"}


def with_heads() -> Estate:
    estate = an_estate(CODE)
    shifts = tuple(
        Shift(persons=(person,), roles=("department_head",), department=name, start=MIDNIGHT, end=MIDNIGHT)
        for name, person in HEADS.items()
    )
    people = tuple(Person(id=person, name=f"部门{n}") for n, person in enumerate(HEADS.values()))
    return estate.model_copy(update={"shifts": (*estate.shifts, *shifts), "people": (*estate.people, *people)})


class Night(Evening):
    """Limits pass and ladders are climbed, as well as tasks sent."""

    def __init__(self, category: Category, **fields: Any) -> None:
        super().__init__(category, with_heads(), **fields)
        self.play = Rehearsal([DispatchRules(), EscalationRules()], [self.estate], self.books)

    def passed(self, step: str, clock: str) -> bool:
        """Whether this clock of the step ran out."""
        said = [f for f in self.play.facts if isinstance(f, LimitPassed)]
        return any((parse_task_id(f.task_id).step, f.clock) == (step, clock) for f in said)

    def asked(self, step: str, clock: str = "ack") -> list[str]:
        """The roles that were rung for this clock of the step, each once, in order."""
        rungs = [f for f in self.play.facts if isinstance(f, RungReached) and f.clock == clock]
        return list(dict.fromkeys(f.role for f in rungs if parse_task_id(f.task_id).step == step))

    def to(self, step: str) -> list[str]:
        """Who got the step, or the notice."""
        tasks = [f.to for f in self.assigned(step)]
        return [to.person or to.role for to in (*tasks, *(n.to for n in self.told(step)))]

    def after(self, step: str, clock: str) -> timedelta:
        """How long after its last sending the step's clock runs out."""
        task = self.assigned(step)[-1]
        due: datetime | None = getattr(task, f"{clock}_by")
        assert due
        return due - task.assigned_at

    def hand_on(self, task: str, department: str) -> list[Fact]:
        return self.reply(TaskHandedOn, task, reason="不属本部门", to_department=department)

    def ring_next(self) -> list[Finding]:
        """The next deadline, and what an audit finds after it."""
        self.now = max(self.now, min(ring.due for ring in self.play.rings()))
        self.play.advance(self.now)
        heard = self.play.cases["escalation", self.report_id]
        stored = {"_id": self.report_id, "state": heard.state, "deadlines": [d._asdict() for d in heard.deadlines]}
        stored["ring_at"] = min((d.due for d in heard.deadlines), default=None)
        moment = Moment(self.now, timedelta(0), timedelta(minutes=5))
        return audit_case({"_id": self.report_id, "state": self.state}, stored, moment)


def repair(outcome: str | None = None, filed: dict[str, Any] | None = None, **record: Any) -> Night:
    """A repair filed with these fields, and registered by this outcome."""
    night = Night("repair", place="3栋1单元1201", **(filed or {}))
    night.file()
    if outcome:
        night.done("take_repair", outcome, **record)
    return night
