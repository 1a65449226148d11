"""What must hold after every turn of any night, looked for in the facts and in both services' states."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.event import Fact
from shared.contracts.ids import parse_report_id, parse_task_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import ReportOpened, TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn
from shared.contracts.vocabulary import ROLES
from shared.domain.auditing import Moment, audit_case
from shared.domain.playbooks.format import Limit
from tests.domain.evenings import playbooks
from tests.domain.nights.night import SECRETS, Heard, Night, Report
from tests.domain.nights.promises import must
from tests.domain.nights.told import Told

State = dict[str, Any]


class Watch:
    """Follows one night fact by fact; `turn` checks what was decided since the last turn."""

    def __init__(self, night: Night) -> None:
        self.night, self.told = night, Told(night)
        self.seen = 0
        self.ids: set[UUID] = set()
        self.opened: dict[str, TaskAssigned] = {}
        self.over: set[str] = set()
        self.clocks: dict[tuple[str, str], datetime] = {}
        self.clock_from: dict[str, datetime] = {}

    def turn(self) -> None:
        facts = self.night.play.facts[self.seen :]
        self.seen = len(self.night.play.facts)
        for fact in facts:
            self._one(fact)
        self.told.turn(facts)
        for report in self.night.reports:
            self._case(report)

    # ---- one fact ------------------------------------------------------------------

    def _one(self, fact: Fact) -> None:
        must(fact.event_id not in self.ids, "the same fact twice:", fact.type)
        self.ids.add(fact.event_id)
        if isinstance(fact, TaskAssigned | NoticeIssued):
            _words(fact)
            self._marked(fact)
        if isinstance(fact, TaskAssigned):
            self._assigned(fact)
        elif isinstance(fact, TaskChanged):
            self._changed(fact)
        elif isinstance(fact, TaskEnded | TaskWithdrawn):
            must(fact.task_id in self.opened and fact.task_id not in self.over, fact.type, fact.task_id, "again")
            self.over.add(fact.task_id)
        elif isinstance(fact, ReportOpened):
            self.clock_from[fact.report_id] = fact.clock_from

    def _assigned(self, fact: TaskAssigned) -> None:
        """A new task each time; one that carries another on has no more time than that had."""
        must(fact.task_id not in self.opened, fact.task_id, "was sent before")
        self.opened[fact.task_id] = fact
        for clock, due in (("finish", fact.finish_by), ("arrive", fact.arrive_by)):
            old = self.clocks.get((fact.carried_from or "", clock))
            must(not old or (due and due <= old), fact.task_id, "got more time by a hand-on")
            if due:
                self.clocks[fact.task_id, clock] = due

    def _changed(self, fact: TaskChanged) -> None:
        """An end is an end, and only a head, a start or a record moves a limit, never the resident's."""
        must(fact.late or fact.task_id not in self.over, fact.task_id, "changed after its end:", fact.what)
        for clock, due in (("finish", fact.finish_by), ("arrive", fact.arrive_by)):
            if due:
                must(fact.what in ("limit", "started"), clock, "of", fact.task_id, "moved by", fact.what)
                first = next(iter(_rows(fact.task_id, clock)), None)
                residents = first and first.after == "report" and not (first.by or first.field)
                must(not residents, "the resident's clock of", fact.task_id, "moved")
                self.clocks[fact.task_id, clock] = due

    def _marked(self, fact: TaskAssigned | NoticeIssued) -> None:
        """A drill says so in every message and calls nobody, what was written up says nothing; but a real report
        that was linked to it is somebody's."""
        filed = next(r.filed for r in self.night.reports if r.report_id == fact.report_id)
        name = fact.step if isinstance(fact, TaskAssigned) else fact.name
        about = parse_task_id(fact.task_id).step if fact.task_id else None
        if "stray_link" in (name, about):
            return
        must(not filed.written_up, "written up, and yet:", name)
        if filed.drill:
            marked = fact.drill and "演习" in fact.words.zh and "DRILL" in fact.words.en
            must(marked, name, "of a drill is not marked:", fact.words)
            must(not isinstance(fact, TaskAssigned) or not fact.calls, name, "of a drill calls")
        else:
            must(not fact.drill and not fact.words.en.startswith("DRILL"), name, "is marked as a drill's")

    # ---- the cases -------------------------------------------------------------------

    def _case(self, report: Report) -> None:
        state = report.state
        if "report" not in state:
            return
        must(state["owner"] in ROLES, "owner of", report.report_id, "is", state["owner"])
        must(state["clock_from"] == self.clock_from[report.report_id], "the clock of", report.report_id, "moved")
        opened = [t for t in state["tasks"].values() if t["open"]]
        obligatory = [t["id"] for t in opened if not t["optional"]]
        if state.get("closed_at"):
            must(not obligatory, "closed with", obligatory)
        else:
            must(obligatory, report.report_id, "is open and nobody's")
        live = {name for name, f in self.opened.items() if f.report_id == report.report_id} - self.over
        must({t["id"] for t in opened} == live, "open tasks and facts differ in", report.report_id)
        self._guarded(report, opened)

    def _guarded(self, report: Report, opened: list[State]) -> None:
        """Each open task is under a deadline of escalation that is still to come; the audit finds nothing."""
        case = self.night.play.cases.get(("escalation", report.report_id))
        due = {d.name.partition(".")[2] for d in case.deadlines if d.due >= self.night.now} if case else set()
        for task in opened:
            must(f"{task['step']}.{task['n']}" in due, task["id"], "is open without a live deadline")
        moment = Moment(self.night.now, timedelta(0), timedelta(days=1000))
        stored = [_document(self.night.play, service, report.report_id) for service in ("dispatch", "escalation")]
        must(not (found := audit_case(stored[0], stored[1], moment)), "the audit finds", found)


def _words(fact: TaskAssigned | NoticeIssued) -> None:
    """No name, phone, illness or other free text; nothing unfilled; English that a pager carries."""
    said = fact.words.zh + fact.words.en
    must(not any(secret in said for secret in SECRETS), "secret on the air:", said)
    must("{" not in said and fact.words.en.isascii() and fact.words.zh and fact.words.en, "not whole:", said)


def _rows(task_id: str, clock: str) -> list[Limit]:
    found = parse_task_id(task_id)
    step = playbooks().by_category[parse_report_id(found.report_id).category].steps.get(found.step)
    return [row for row in step.limits if row.clock == clock] if step else []


def _document(play: Heard, service: str, report_id: str) -> Mapping[str, Any] | None:
    """As the engine stores it."""
    case = play.cases.get((service, report_id))
    if not case or not case.state:
        return None
    deadlines = [d._asdict() for d in case.deadlines]
    ring_at = min((d.due for d in case.deadlines), default=None)
    return {"_id": report_id, "state": case.state, "deadlines": deadlines, "ring_at": ring_at}
