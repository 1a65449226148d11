"""A night drawn from numbers: several reports, whoever says what, time that passes, shifts that change.

Every free text that a resident or anybody else can say is seeded with `SECRETS`. A turn is four numbers, so a
failing night is told by its script and shrinks well; the same script is the same night.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from services.intake.linking import followed, joined_at_filing, joined_later
from shared.contracts.event import Event, Fact, Speaker
from shared.contracts.ids import ReportId
from shared.contracts.replies import (
    DetailsCorrected,
    DrillStopped,
    GradeChanged,
    HelpChanged,
    HelpNeeded,
    KindCorrected,
    LimitExtended,
    PlaceCorrected,
    ReportLinked,
    ReportWithdrawn,
    SideTaskAsked,
    TaskAcknowledged,
    TaskArrived,
    TaskCompleted,
    TaskDeclined,
    TaskHandedOn,
    TaskNoted,
    TaskStarted,
)
from shared.contracts.vocabulary import CATEGORIES, HELPS, KINDS, ROLES, Grade, Role
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.roster import Estate
from shared.domain.estates.rows import Absence, Shift
from shared.domain.playbooks.format import Step
from shared.domain.rehearsing import Played, Rehearsal, Ring
from shared.domain.rules import Rules
from tests.domain.evenings import CODE, PERSONS, START, Evening, playbooks
from tests.domain.walking.saying import record_of
from tests.support.estate import an_estate

Turn = tuple[int, int, int, int]
SECRETS = ("秘密", "13900001111", "SECRET")
TEXT = "秘密病情 SECRET 13900001111"
NAMES = {"reporter": "王秘密", "reporter_phone": "13900001111", "relation": "秘密之子", "vulnerable": "秘密病史"}
PLACES = ("3栋1单元1201", "1栋2单元", "湖边", "王秘密家", "南门")
LONG = (3, 20, 31, 70, 200, 1000, 2000)
VERY_LONG = tuple(timedelta(**{unit: n}) for unit, n in (("hours", 5), ("days", 1), ("days", 4), ("days", 33)))
"""Once a night, where nobody in the emergency lane is rung every two minutes."""
GRADES: tuple[Grade, ...] = ("ordinary", "major", "important", "minor")


@cache
def estates() -> tuple[Estate, ...]:
    """Everybody always there; three shifts with an absence and a head of department; almost nobody."""
    return an_estate(CODE), _in_shifts(), an_estate(CODE, without=("guard-1", "guard-2", "leader-1", "head-1"))


def _in_shifts() -> Estate:
    """By day one half and by night the other; one man is both guard and leader, one is away for an hour."""
    estate = an_estate(CODE)
    hours = {0: (time(7), time(19, 30)), 1: (time(19, 30), time(7))}
    split = [_at(shift, hours[n % 2]) for n, shift in enumerate(estate.shifts) if len(shift.roles) == 1]
    both = Shift(persons=("guard-3",), roles=("shift_leader", "guard"), start=time(19), end=time(23))
    night = Shift(persons=("control-1",), roles=("customer_assistant",), start=time(22), end=time(8))
    head = Shift(
        persons=("engineer-1",), roles=("department_head",), department="engineering", start=time(8), end=time(18)
    )
    away = Absence(person="gate-1", start=START + timedelta(minutes=2), end=START + timedelta(hours=1))
    return estate.model_copy(update={"shifts": (*split, both, night, head), "absences": (away,)})


def _at(shift: Shift, hours: tuple[time, time]) -> Shift:
    always: set[Role] = {"management_director", "security_supervisor", "service_head"}
    if set(shift.roles) & always:
        return shift
    return shift.model_copy(update={"start": hours[0], "end": hours[1]})


class Heard(Rehearsal):
    """Keeps what each service took in of each report, in its order, own facts included.

    What was due before it was armed, such as a carried clock, rings now and not in the past.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.clock = START
        self.heard: dict[tuple[str, str], list[tuple[Event, datetime]]] = {}

    def _fold(self, service: str, case: Played, event: Event, facts: list[Fact], at: datetime) -> list[Fact]:
        row = self.heard.setdefault((service, event.report_id), [])
        row += [(one, at) for one in (event, *facts)]
        self.clock = max(self.clock, at)
        return super()._fold(service, case, event, facts, at)

    def _ring(self, ring: Ring) -> None:
        super()._ring(ring._replace(due=max(ring.due, self.clock)))


class Report(Evening):
    """One report of a night: its own ids, the night's clock."""

    def __init__(self, night: "Night", number: int, category: Any, **fields: Any) -> None:
        super().__init__(category, night.estate, **fields)
        self.play, self.now, self.count = night.play, night.now, number * 100_000
        self.report_id = str(ReportId(self.lane, category, CODE, f"{number:032x}"))
        self.filed = self._filing(category, fields)


class Night:
    """`turn` plays the next four numbers; `reports` are those filed so far."""

    def __init__(self, first: Turn, rules: tuple[Rules, ...] = (DispatchRules(), EscalationRules())) -> None:
        self.estate = estates()[first[3] % len(estates())]
        self.play = Heard(rules, [self.estate], playbooks())
        self.now = START
        self.reports: list[Report] = []
        self.said: list[Event] = []
        self.was_long = False
        self._file(first[0], first[1], first[2])
        self.play.advance(self.now)

    def turn(self, turn: Turn) -> list[Fact]:
        """What follows; also of everything that rang before it."""
        what, which, a, b = turn
        before = len(self.play.facts)
        actions = self._actions()
        actions[what % len(actions)](self.reports[which % len(self.reports)], a, b)
        self.play.advance(self.now)
        return self.play.facts[before:]

    def speak(self, turn: Turn) -> None:
        """Something said of the first report at once: no time passes but the second it takes."""
        what, _, a, b = turn
        spoken = [self._complete] * 4 + [self._ack, self._arrive, self._small, self._side, self._decline]
        actions = [*spoken, self._hand_on, self._amend, self._amend]
        actions[what % len(actions)](self.reports[0], a, b)

    def _actions(self) -> list[Callable[[Report, int, int], None]]:
        common = [self._complete] * 7 + [self._ack] * 2 + [self._wait] * 3 + [self._amend] * 5
        return [
            *common,
            self._arrive,
            self._small,
            self._side,
            self._decline,
            self._hand_on,
            self._again,
            self._more,
        ]

    def say(self, report: Report, event: Event) -> None:
        self.now += timedelta(seconds=1)
        self.said.append(event)
        self.play.feed(event, self.now)

    def make(self, report: Report, of: type[Any], **fields: Any) -> Any:
        report.now = self.now + timedelta(seconds=1)
        return report.make(of, **fields)

    # ---- reports -----------------------------------------------------------------

    def _file(self, what: int, a: int, b: int) -> None:
        category = CATEGORIES[what % len(CATEGORIES)]
        fields: dict[str, Any] = {**NAMES, "text": TEXT, "channel": ("phone", "written", "app")[a % 3]}
        kinds = (None, *sorted(KINDS.get(category, ())))
        fields["kind"] = kinds[(a // 3) % len(kinds)]
        fields["place"] = (*PLACES, None)[b % 6]
        fields["urgency"] = (None, "urgent", "daily", "special", "appointment")[a % 5]
        fields["weather"] = (
            (None, None, "blue", "yellow", "orange", "red")[a % 6] if category == "disaster" else None
        )
        fields["signs"] = ("unconscious",) if a % 7 == 3 else ()
        fields["help"] = tuple(h for n, h in enumerate(HELPS) if (b >> n) & 1) if category == "medical" else ()
        fields["drill"], fields["written_up"] = b % 5 == 4, b % 11 == 10
        fields["appointment_at"] = self.now + timedelta(minutes=a % 90) if a % 4 == 1 else None
        if b % 3 == 1:
            fields |= {"patient_place": PLACES[a % 5], "patient_phone": "13900001111"}
        first = self.reports[a % len(self.reports)] if self.reports else None
        if first and b % 4 == 1:
            fields["same_event_as"] = first.report_id
        elif first and b % 4 == 2:
            fields |= {"follows": first.report_id, "clock_from": first.filed.clock_from or first.filed.accepted_at}
        report = Report(self, len(self.reports) + 1, category, **fields)
        self.reports.append(report)
        self.say(report, report.filed)
        if report.filed.same_event_as:
            self.say(report, joined_at_filing(report.filed.same_event_as, report.filed).event)
        elif report.filed.follows:
            self.say(report, followed(report.filed.follows, report.filed).event)

    def _more(self, report: Report, a: int, b: int) -> None:
        if len(self.reports) < 4:
            self._file(a + b, a, b)

    # ---- whoever speaks ------------------------------------------------------------

    def _task(self, report: Report, a: int) -> dict[str, Any] | None:
        """Mostly an open one, sometimes any there ever was."""
        known = list(report.state.get("tasks", {}).values())
        found = [t for t in known if t["open"]] * 5 + known
        return found[a % len(found)] if found else None

    def _by(self, report: Report, task: dict[str, Any], b: int) -> dict[str, Any]:
        """Whoever has it; now and then somebody else, or the desk for him."""
        if b % 13 == 12:
            return {"by": Speaker(role=ROLES[b % len(ROLES)])}
        role = task["role"]
        by = Speaker(role=role, person=task.get("person") or PERSONS.get(role), post=task.get("post"))
        if b % 7 == 6:
            return {"by": by, "heard_by": Speaker(role="customer_assistant", person="desk-1"), "words": TEXT}
        return {"by": by}

    def _reply(self, of: type[Any], report: Report, task: dict[str, Any], b: int, **fields: Any) -> None:
        said = {**self._by(report, task, b), **fields}
        self.say(report, self.make(report, of, task_id=task["id"], **said))

    def _ack(self, report: Report, a: int, b: int) -> None:
        if task := self._task(report, a):
            self._reply(TaskAcknowledged, report, task, b)

    def _arrive(self, report: Report, a: int, b: int) -> None:
        if task := self._task(report, a):
            self._reply(TaskArrived, report, task, b)

    def _complete(self, report: Report, a: int, b: int) -> None:
        task = self._task(report, a)
        if not task:
            return
        step = playbooks().by_category[report.filed.category].steps.get(task["step"])
        outcomes = [*step.outcomes, *step.outcomes, "cancelled", "impossible"] if step else ["done"]
        outcome = outcomes[b % len(outcomes)]
        record = self._record(report, step, outcome, a) if step else {}
        self._reply(TaskCompleted, report, task, a, outcome=outcome, record=record)

    def _record(self, report: Report, step: Step, outcome: str, a: int) -> dict[str, Any]:
        """All that is demanded, text with secrets in it; now and then one field less, or one that is not asked."""
        book = playbooks().by_category[report.filed.category]
        texts = {f.id: TEXT for f in step.record if f.type == "text"}
        full = report.record(step.id, outcome) | record_of(report, book, step, outcome)
        found = {field: texts.get(field, value) for field, value in full.items()}
        if "patient_place" in found:
            found["patient_place"] = PLACES[a % len(PLACES)]
        if a % 9 == 8:
            found |= {"patient_place": PLACES[a % 5], "grade": GRADES[a % 4], "help": ["ambulance", "nursing"]}
        if a % 17 == 16 and found:
            del found[sorted(found)[a % len(found)]]
        return found

    def _small(self, report: Report, a: int, b: int) -> None:
        if task := self._task(report, a):
            of, fields = ((TaskStarted, {}), (TaskNoted, {"note": TEXT}), (HelpNeeded, {"note": TEXT}))[b % 3]
            self._reply(of, report, task, b // 3, **fields)

    def _side(self, report: Report, a: int, b: int) -> None:
        steps = [s.id for s in playbooks().by_category[report.filed.category].steps.values() if s.side]
        task, by = self._task(report, a), Speaker(role="service_head", person="head-1")
        if task:
            said = {"by": by} if b % 3 == 0 else {}
            self._reply(SideTaskAsked, report, task, b, step=steps[b % len(steps)], **said)

    def _decline(self, report: Report, a: int, b: int) -> None:
        if task := self._task(report, a):
            self._reply(TaskDeclined, report, task, b, reason=TEXT, onward="下一岗" if b % 5 else "")

    def _hand_on(self, report: Report, a: int, b: int) -> None:
        to = (
            {"to_person": "guard-3"},
            {"to_person": "desk-1"},
            {"to_person": "nobody"},
            {"to_role": "engineering"},
            {"to_role": "service_head"},
            {"to_department": "engineering"},
            {},
        )[b % 7]
        if task := self._task(report, a):
            self._reply(TaskHandedOn, report, task, b // 7, reason=TEXT, **to)

    def _again(self, report: Report, a: int, b: int) -> None:
        """What was delivered once is delivered again: nothing follows that was not due anyhow."""
        self.play.advance(self.now)
        event = self.said[a % len(self.said)]
        assert self.play.feed(event, self.now) == [], f"{event.type} again decided something"

    # ---- amendments ------------------------------------------------------------------

    def _amend(self, report: Report, a: int, b: int) -> None:
        role: Role = ("customer_assistant", "service_head", "guard")[b % 3]
        by = Speaker(role=role, person=PERSONS.get(role))
        other = self.reports[b % len(self.reports)]
        task = self._task(report, b)
        until = self.now + timedelta(minutes=(b % 40) - 3)
        kinds = sorted(KINDS.get(report.filed.category, ("gas",)))
        choices: list[tuple[type[Any], dict[str, Any]]] = [
            (HelpChanged, {"help": tuple(h for n, h in enumerate(HELPS) if (b >> n) & 1)}),
            (PlaceCorrected, {"place": PLACES[b % len(PLACES)]}),
            (DetailsCorrected, {**NAMES, "text": TEXT, "signs": ("labour",), "patient_phone": "13900001111"}),
            (DetailsCorrected, {"urgency": ("urgent", "daily")[b % 2], "appointment_at": until}),
            (KindCorrected, {"kind": kinds[b % len(kinds)]}),
            (GradeChanged, {"grade": GRADES[b % len(GRADES)]}),
            (LimitExtended, {"task_id": task["id"] if task else "", "until": until, "reason": TEXT}),
            (ReportLinked, {"to_report_id": other.report_id, "household": "王秘密家"}),
            (ReportWithdrawn, {"reason": TEXT}),
            (DrillStopped, {}),
        ]
        of, fields = choices[a % len(choices)]
        if of is LimitExtended:
            fields["clock"] = ("finish", "arrive", "ack")[b % 3]
            if not task:
                return
        event = self.make(report, of, by=by, **fields)
        self.say(report, event)
        if of is ReportLinked and other is not report:
            self.say(other, joined_later(event, self.estate).event)

    # ---- time --------------------------------------------------------------------------

    def _wait(self, report: Report, a: int, b: int) -> None:
        seconds = timedelta(seconds=LONG[a % len(LONG)])
        if b % 8 == 7 and not self.was_long:
            self.was_long, seconds = True, max(seconds, self._very_long(a))
        self.now += seconds
        self.play.advance(self.now)

    def _very_long(self, a: int) -> timedelta:
        """In the emergency lane the top rung is asked every two minutes, which would make a month a long night."""
        left = [r.lane for r in self.reports for t in r.state.get("tasks", {}).values() if t["open"]]
        if "emergency" in left:
            return timedelta()
        return VERY_LONG[min(a % len(VERY_LONG), 3 if len(left) < 2 else 2 if len(left) < 5 else 0)]
