"""Both rules on the real playbooks: when nobody answers anything, no open task is ever without a live deadline."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.contracts.event import Event, Fact
from shared.contracts.ids import deadline_id
from shared.contracts.replies import DeadlinePassed
from shared.domain.auditing import Finding, Moment, audit_case
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.rules import Deadline, Hold, Rules, State, World
from tests.support.escalation_case import EVERYBODY, START, EscalationCase, estate

TELLS = {"task": ["escalation"], "report": ["dispatch", "escalation"], "rung": ["dispatch"]}
"""Who reads which facts; what else is said, neither needs."""


class BothServices:
    """One case in both services, with Kafka between them that loses nothing and is never late."""

    def __init__(self, staff: dict[str, tuple[str, ...]], report: str) -> None:
        self.world = World(estate(staff), load_playbooks())
        self.rules: dict[str, Rules] = {"dispatch": DispatchRules(), "escalation": EscalationRules()}
        self.states: dict[str, State] = {"dispatch": {}, "escalation": {}}
        self.report, self.now, self.rung = report, START, 0

    def hear(self, event: Event, readers: list[str]) -> None:
        for service in readers:
            for fact in self.take(service, event):
                self.hear(fact, [s for s in TELLS.get(fact.type.split(".")[0], []) if s != service])

    def take(self, service: str, event: Event) -> list[Fact]:
        rules, state = self.rules[service], self.states[service]
        facts = rules.decide(state, event, self.now, self.world)
        assert not isinstance(facts, Hold)
        for said in (event, *facts):
            state = rules.evolve(state, said, self.now)
        self.states[service] = {**state, "version": int(self.states[service].get("version", 0)) + 1}
        return facts

    def ring(self, service: str, due: Deadline) -> None:
        self.now, self.rung = max(self.now, due.due), self.rung + 1
        common: dict[str, Any] = {"report_id": self.report, "estate_id": "bamboo", "accepted_at": self.now}
        common |= {"event_id": deadline_id(due.armed_by, due.name), "occurred_at": due.due, "due_at": due.due}
        passed = DeadlinePassed(**common, owner=service, name=due.name, armed_by=due.armed_by)
        self.hear(passed, [service])

    def next_due(self) -> tuple[str, Deadline]:
        live = [(service, d) for service in self.rules for d in self.rules[service].deadlines(self.states[service])]
        return min(live, key=lambda pair: pair[1].due)

    def audit(self) -> list[Finding]:
        deadlines = self.rules["escalation"].deadlines(self.states["escalation"])
        stored = [d._asdict() for d in deadlines]
        escalation = {"_id": self.report, "state": self.states["escalation"], "deadlines": stored}
        escalation["ring_at"] = min((d.due for d in deadlines), default=None)
        moment = Moment(self.now, timedelta(0), timedelta(minutes=5))
        return audit_case({"_id": self.report, "state": self.states["dispatch"]}, escalation, moment)


@pytest.mark.parametrize("staff", [EVERYBODY, {}, {"management_director": ("dan",)}], ids=["all", "none", "one"])
@pytest.mark.parametrize(
    ("lane", "filed"),
    [
        ("emergency", {}),
        ("emergency", {"help": ("ambulance", "transport")}),
        ("emergency", {"help": ("nursing",), "place": "3栋", "place_short": "B3"}),
        ("routine", {"form": "written"}),
        ("routine", {"form": "oral"}),
    ],
)
def test_no_chain_stalls_when_nobody_answers(
    staff: dict[str, tuple[str, ...]], lane: str, filed: dict[str, Any]
) -> None:
    case = EscalationCase(staff, lane)
    both = BothServices(staff, case.report)
    both.hear(case.filed(**filed), ["dispatch", "escalation"])
    until: datetime = START + timedelta(minutes=20 if lane == "emergency" else 60 * 72)
    while (due := both.next_due())[1].due <= until:
        both.ring(*due)
        assert both.audit() == []
    assert both.rung > 3
