"""What must hold after every turn of any night, looked for in the facts and in both services' states."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bson import decode, encode
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

from shared.contracts.escalations import RungReached
from shared.contracts.event import Addressee, Event, Fact
from shared.contracts.ids import parse_report_id, parse_task_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import Said
from shared.contracts.tasks import (
    ReportChanged,
    ReportOpened,
    ReportReopened,
    TaskAssigned,
    TaskChanged,
    TaskEnded,
    TaskWithdrawn,
)
from shared.contracts.vocabulary import ROLES
from shared.domain.auditing import Moment, audit_case
from shared.domain.escalating.rules import EscalationRules
from shared.domain.playbooks.format import Limit, Playbook
from tests.domain.evenings import playbooks
from tests.domain.random_night import SECRETS, Heard, Night, Report

State = dict[str, Any]
Hands = tuple[str, str]
ESCALATIONS = ("rung", "reminder", "informed", "unassigned")
_CODEC: CodecOptions[State] = CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD)


class Broken(AssertionError):
    """Which promise, of which report."""


def must(holds: object, *what: object) -> None:
    if not holds:
        raise Broken(" ".join(str(one) for one in what))


# ---- after every turn --------------------------------------------------------------


class Watch:
    """Follows one night fact by fact; `turn` checks what was decided since the last turn."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.seen = 0
        self.ids: set[UUID] = set()
        self.opened: dict[str, TaskAssigned] = {}
        self.over: set[str] = set()
        self.hands: dict[str, set[Hands]] = {}
        self.spoken_to: dict[str, list[set[Hands]]] = {}
        self.clocks: dict[tuple[str, str], datetime] = {}
        self.from_: dict[str, datetime] = {}

    def turn(self) -> None:
        facts = self.night.play.facts[self.seen :]
        self.seen = len(self.night.play.facts)
        for fact in facts:
            if isinstance(fact, ReportChanged) and fact.ending:
                self._all_told(fact, facts)
            self._one(fact)
        self._told(facts)
        for report in self.night.reports:
            self._case(report)

    # ---- one fact ------------------------------------------------------------------

    def _one(self, fact: Fact) -> None:
        must(fact.event_id not in self.ids, "the same fact twice:", fact.type)
        self.ids.add(fact.event_id)
        if isinstance(fact, TaskAssigned | NoticeIssued):
            _words(fact)
            self._marked(fact)
            self._not_written_up(fact)
        for to in _reached(fact):
            self.spoken_to.setdefault(fact.report_id, []).append(to)
        if isinstance(fact, TaskAssigned):
            self._assigned(fact)
        elif isinstance(fact, TaskChanged):
            self._changed(fact)
        elif isinstance(fact, TaskEnded | TaskWithdrawn):
            must(fact.task_id in self.opened and fact.task_id not in self.over, fact.type, fact.task_id, "again")
            self.over.add(fact.task_id)
        elif isinstance(fact, RungReached):
            self.hands.setdefault(fact.task_id, set()).update(("person", one) for one in fact.persons)
        elif isinstance(fact, ReportReopened):
            self.spoken_to[fact.report_id] = []
        elif isinstance(fact, ReportOpened):
            self.from_[fact.report_id] = fact.clock_from

    def _assigned(self, fact: TaskAssigned) -> None:
        must(fact.task_id not in self.opened, fact.task_id, "was sent before")
        self.opened[fact.task_id] = fact
        self.hands.setdefault(fact.task_id, set()).update(hands(fact.to))
        for clock, due in (("finish", fact.finish_by), ("arrive", fact.arrive_by)):
            if due:
                self.clocks[fact.task_id, clock] = due
        if fact.carried_from:
            old = self.clocks.get((fact.carried_from, "finish"))
            must(not old or (fact.finish_by and fact.finish_by <= old), fact.task_id, "got more time by a hand-on")

    def _changed(self, fact: TaskChanged) -> None:
        must(fact.late or fact.task_id not in self.over, fact.task_id, "changed after its end:", fact.what)
        if fact.to:
            self.hands[fact.task_id].update(hands(fact.to))
        for clock, due in (("finish", fact.finish_by), ("arrive", fact.arrive_by)):
            if due:
                must(fact.what in ("limit", "started"), clock, "of", fact.task_id, "moved by", fact.what)
                rows = _rows(self._book(fact.report_id), fact.task_id, clock)
                residents = any(row.after == "report" and row.by is None and row.field is None for row in rows[:1])
                must(not residents, "the resident's clock of", fact.task_id, "moved")
                self.clocks[fact.task_id, clock] = due

    # ---- who is told, and in which words ----------------------------------------------

    def _told(self, facts: Iterable[Fact]) -> None:
        """Whoever had a task that was withdrawn, or was rung for it, hears so in the same decision."""
        by_cause: dict[tuple[str, UUID | None], list[Fact]] = {}
        for fact in facts:
            by_cause.setdefault((fact.report_id, fact.because_of), []).append(fact)
        for (report_id, cause), decided in by_cause.items():
            gone = [f for f in decided if isinstance(f, TaskWithdrawn) and not self._is_quiet(f)]
            if gone:
                told = set(_told_in(decided)) | self._speaker(cause)
                at_work = set(self._at_work(report_id, decided))
                for fact in gone:
                    # By name where there is one: a post is told by whoever stands there.
                    for who in self._to_be_told(fact.task_id):
                        must(
                            set(who) & (told | at_work),
                            who,
                            "was not told that",
                            fact.task_id,
                            "is over:",
                            fact.why,
                        )

    def _all_told(self, ending: ReportChanged, facts: list[Fact]) -> None:
        """A case that is called off: whoever was ever told of it by name hears so, but whoever says it."""
        same = [f for f in facts if (f.report_id, f.because_of) == (ending.report_id, ending.because_of)]
        told = set(_told_in(same)) | self._speaker(ending.because_of) | set(self._at_work(ending.report_id, same))
        for who in self.spoken_to.get(ending.report_id, ()):
            must(who & told, who, "was told of", ending.report_id, "and not that it is", ending.ending)

    def _is_quiet(self, fact: TaskWithdrawn) -> bool:
        task = self.opened[fact.task_id]
        return task.step == "correct_place" or (fact.why == "closed" and task.only_ack)

    def _to_be_told(self, task_id: str) -> list[set[Hands]]:
        """Each pair of hands the task was ever in, by every name it goes by."""
        report_id = parse_task_id(task_id).report_id
        state = self.night.play.state("dispatch", report_id)
        task = state["tasks"]["-".join(task_id.rsplit(".", 2)[1:])]
        rows = [*task.get("addressed", ()), task]
        found = [{(field, row[field]) for field in ("person", "post") if row.get(field)} for row in rows]
        known = set().union(*found)
        return [one for one in found if one] + [{one} for one in self.hands[task_id] - known if one[0] == "person"]

    def _speaker(self, cause: UUID | None) -> set[Hands]:
        said = next((e for e in self.night.said if e.event_id == cause), None)
        if not isinstance(said, Said):
            return set()
        by = said.by
        return {(field, one) for field, one in (("person", by.person), ("post", by.post)) if one}

    def _at_work(self, report_id: str, decided: list[Fact]) -> Iterator[Hands]:
        """Whoever holds another open task of the case, which stands for itself."""
        state = self.night.play.state("dispatch", report_id)
        closed = {f.task_id for f in decided if isinstance(f, TaskWithdrawn)}
        for task in state["tasks"].values():
            if task["open"] and task["id"] not in closed:
                yield from ((f, task[f]) for f in ("person", "post") if task.get(f))

    def _marked(self, fact: TaskAssigned | NoticeIssued) -> None:
        """A drill says so in every message, and calls nobody; only a real report linked to it is no drill's."""
        report = next(r for r in self.night.reports if r.report_id == fact.report_id)
        name = fact.step if isinstance(fact, TaskAssigned) else fact.name
        about = fact.task_id and parse_task_id(fact.task_id).step
        if not report.filed.drill:
            must(not fact.drill and not fact.words.en.startswith("DRILL"), name, "is marked as a drill's")
        elif "stray_link" not in (name, about):
            marked = fact.drill and "演习" in fact.words.zh and "DRILL" in fact.words.en
            must(marked, name, "of a drill is not marked:", fact.words)
            must(not isinstance(fact, TaskAssigned) or not fact.calls, name, "of a drill calls")

    def _not_written_up(self, fact: TaskAssigned | NoticeIssued) -> None:
        report = next(r for r in self.night.reports if r.report_id == fact.report_id)
        name = fact.step if isinstance(fact, TaskAssigned) else fact.name
        about = fact.task_id and parse_task_id(fact.task_id).step
        must(not report.filed.written_up or "stray_link" in (name, about), "written up, and yet:", name)

    # ---- the cases ----------------------------------------------------------------------

    def _case(self, report: Report) -> None:
        state = report.state
        if "report" not in state:
            return
        must(state["owner"] in ROLES, "owner of", report.report_id, "is", state["owner"])
        must(state["clock_from"] == self.from_[report.report_id], "the clock of", report.report_id, "moved")
        opened = [t for t in state["tasks"].values() if t["open"]]
        if state.get("closed_at"):
            left = [t["id"] for t in opened if not t["optional"]]
            must(not left, "closed with", left)
        else:
            must(any(not t["optional"] for t in opened), report.report_id, "is open and nobody's")
        live = {task["id"] for task in opened}
        must(live == set(self.opened_of(report.report_id)), "open tasks and facts differ in", report.report_id)
        self._guarded(report, opened)

    def opened_of(self, report_id: str) -> list[str]:
        return [name for name, f in self.opened.items() if f.report_id == report_id and name not in self.over]

    def _guarded(self, report: Report, opened: list[State]) -> None:
        """Each open task is under a deadline of escalation that is still to come; the audit finds nothing."""
        case = self.night.play.cases.get(("escalation", report.report_id))
        due = {d.name.partition(".")[2] for d in case.deadlines if d.due >= self.night.now} if case else set()
        for task in opened:
            must(f"{task['step']}.{task['n']}" in due, task["id"], "is open without a live deadline")
        moment = Moment(self.night.now, timedelta(0), timedelta(days=1000))
        stored = [_document(self.night.play, service, report.report_id) for service in ("dispatch", "escalation")]
        must(not (found := audit_case(stored[0], stored[1], moment)), "the audit finds", found)

    def _book(self, report_id: str) -> Playbook:
        return playbooks().by_category[parse_report_id(report_id).category]


def hands(to: Addressee) -> Iterator[Hands]:
    yield from (("person", to.person),) if to.person else ()
    yield from (("post", to.post),) if to.post else ()


def _reached(fact: Fact) -> Iterator[set[Hands]]:
    """Everybody whom this fact reaches by name; whom escalation asks, it says by the rung."""
    if isinstance(fact, RungReached):
        yield from ({("person", one)} for one in fact.persons)
    elif isinstance(fact, TaskChanged) and fact.by and fact.what in ("acknowledged", "started", "arrived"):
        if not fact.late and fact.by.person:
            yield {("person", fact.by.person)}
    elif isinstance(fact, NoticeIssued) and fact.name in ESCALATIONS:
        return
    elif isinstance(fact, TaskAssigned | NoticeIssued | TaskChanged) and fact.to:
        if named := set(hands(fact.to)):
            yield named


def _told_in(decided: list[Fact]) -> Iterator[Hands]:
    for fact in decided:
        if isinstance(fact, TaskAssigned) or (isinstance(fact, NoticeIssued) and fact.name == "stood_down"):
            yield from hands(fact.to)


def _words(fact: TaskAssigned | NoticeIssued) -> None:
    """No name, phone, illness or other free text; nothing unfilled; English that a pager carries."""
    said = fact.words.zh + fact.words.en
    must(not any(secret in said for secret in SECRETS), "secret on the air:", said)
    must("{" not in said and fact.words.en.isascii() and fact.words.zh and fact.words.en, "not whole:", said)


def _rows(book: Playbook, task_id: str, clock: str) -> list[Limit]:
    step = book.steps.get(parse_task_id(task_id).step)
    return [row for row in step.limits if row.clock == clock] if step else []


def _document(play: Heard, service: str, report_id: str) -> Mapping[str, Any] | None:
    case = play.cases.get((service, report_id))
    if not case or not case.state:
        return None
    deadlines = [d._asdict() for d in case.deadlines]
    ring_at = min((d.due for d in case.deadlines), default=None)
    return {"_id": report_id, "state": case.state, "deadlines": deadlines, "ring_at": ring_at}


# ---- at the end of a night ------------------------------------------------------------


def plain_and_repeatable(night: Night) -> None:
    """States go through the database unchanged, and escalation's is the same for every repetition it reads."""
    for (service, report_id), case in night.play.cases.items():
        stored = decode(encode(case.state, codec_options=_CODEC), codec_options=_CODEC)
        must(stored == case.state and _is_plain(case.state), service, report_id, "is not of plain values")
        if service == "escalation" and not case.held:
            again = _folded_twice(night.play.heard[service, report_id])
            must(_but_version(again) == _but_version(case.state), report_id, "differs when it is read twice")


def _folded_twice(heard: list[tuple[Event, datetime]]) -> State:
    """What other services said comes a second time, at once and later; own facts are never read."""
    state: State = {}
    rules, others = EscalationRules(), []
    for n, (event, at) in enumerate(heard):
        state = rules.evolve(state, event, at)
        if not _is_own(event):
            others.append((event, at))
            for one, when in (others[-1], others[n * 7 % len(others)]):
                state = rules.evolve(state, one, when)
    return state


def _is_own(event: Event) -> bool:
    own = ("rung.", "limit.", "grade.", "report.unassigned", "notice.", "deadline.")
    return event.type.startswith(own)


def _but_version(state: State) -> State:
    return {field: value for field, value in state.items() if field != "version"}


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(_is_plain(one) for one in value)
    return value is None or type(value) in (str, int, float, bool, datetime, UUID)
