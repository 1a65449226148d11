"""A night drawn from numbers: several reports, and the time that passes. The same numbers are the same night.

Every free text that a resident or anybody else can say is seeded with `SECRETS`.
"""

from datetime import datetime, timedelta
from typing import Any

from services.intake.linking import followed, joined_at_filing
from shared.contracts.event import Event, Fact
from shared.contracts.ids import ReportId
from shared.contracts.vocabulary import CATEGORIES, HELPS, KINDS
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rehearsing import Played, Rehearsal, Ring
from shared.domain.rules import Rules
from tests.domain.evenings import CODE, START, Evening, playbooks
from tests.domain.nights.estates import estates

Turn = tuple[int, int, int, int]
SECRETS = ("秘密", "13900001111", "SECRET")
TEXT = "秘密病情 SECRET 13900001111"
NAMES = {"reporter": "王秘密", "reporter_phone": "13900001111", "relation": "秘密之子", "vulnerable": "秘密病史"}
PLACES = ("3栋1单元1201", "1栋2单元", "湖边", "王秘密家", "南门")
LONG = (3, 20, 31, 70, 200, 1000, 2000)
VERY_LONG = tuple(timedelta(**{unit: n}) for unit, n in (("hours", 5), ("days", 1), ("days", 4), ("days", 33)))
"""Once a night, where nobody in the emergency lane is rung every two minutes."""


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
    """`reports` are those filed so far, `said` everything in its order."""

    plays: type[Any] = Heard

    def __init__(self, first: Turn, rules: tuple[Rules, ...] = (DispatchRules(), EscalationRules())) -> None:
        self.estate = estates()[first[3] % len(estates())]
        self.play = self.plays(rules, [self.estate], playbooks())
        self.now = START
        self.reports: list[Report] = []
        self.said: list[Event] = []
        self.was_long = False
        self._file(first[0], first[1], first[2])
        self.play.advance(self.now)

    def say(self, event: Event) -> None:
        self.now += timedelta(seconds=1)
        self.said.append(event)
        self.play.feed(event, self.now)

    def make(self, report: Report, of: type[Any], **fields: Any) -> Any:
        report.now = self.now + timedelta(seconds=1)
        return report.make(of, **fields)

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
        self.say(report.filed)
        if report.filed.same_event_as:
            self.say(joined_at_filing(report.filed.same_event_as, report.filed).event)
        elif report.filed.follows:
            self.say(followed(report.filed.follows, report.filed).event)

    def more(self, report: Report, a: int, b: int) -> None:
        if len(self.reports) < 4:
            self._file(a + b, a, b)

    def again(self, report: Report, a: int, b: int) -> None:
        """What was delivered once is delivered again: nothing follows that was not due anyhow."""
        self.play.advance(self.now)
        event = self.said[a % len(self.said)]
        assert self.play.feed(event, self.now) == [], f"{event.type} again decided something"

    def wait(self, report: Report, a: int, b: int) -> None:
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
