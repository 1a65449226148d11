"""Goes through a playbook by itself: every outcome, every notice, everything by the clock, until nothing new comes.

Breadth first over cases played by the real rules of dispatch and escalation. A case is kept for a further look when
something went out in it that still has something untried; from each, what was never said yet is said once. After
every turn what followed is held against the playbook's rows, and every case is led to its end.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from shared.contracts.escalations import RungReached
from shared.contracts.event import Fact
from shared.contracts.ids import parse_task_id
from shared.contracts.replies import DrillStopped, ReportJoined, SideTaskAsked
from shared.contracts.tasks import ReplyRefused, TaskAssigned
from shared.contracts.vocabulary import Category
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rehearsing import Rehearsal, Ring
from tests.domain.evenings import DESK, HEAD, Evening, playbooks
from tests.domain.walking.cases import OTHER, everybody, filed_events, filings, fork, part_of, passed
from tests.domain.walking.opening import after_event, after_sending
from tests.domain.walking.outcomes import after_outcome, is_awaited, left_undone
from tests.domain.walking.ringing import after_ring
from tests.domain.walking.saying import acknowledge_all, said
from tests.domain.walking.telling import all_told
from tests.domain.walking.turn import Turn, key, open_tasks
from tests.support.playbook_coverage import Coverage, Part, parts_of

LOOKS = 4
"""So many cases are looked at further for one way to a step: what cannot be said in one may be said in another."""
TURNS = 150
BY_HAND = {"stand_down": HEAD}
SECURITY = frozenset({"guard", "gate_guard", "shift_leader", "control_room"})


class Walk:
    """`complaints`: what did not follow. `never()`: what no way was found to, and why it was refused."""

    def __init__(self, category: Category) -> None:
        self.category, self.book = category, playbooks().by_category[category]
        self.there = parts_of(self.book)
        self.seen = Coverage()
        self.refused: dict[Part, set[str]] = {}
        self.lasted: set[tuple[str, str]] = set()
        self.complaints: list[str] = []
        self.queue: deque[Evening] = deque()
        self.looks: Counter[str] = Counter()

    @property
    def reached(self) -> set[Part]:
        return self.seen.reached.setdefault(self.category, set())

    def never(self) -> list[str]:
        lost = sorted(self.there - self.reached)
        named = [f"{p.kind} {p.name}" + "".join(f" ({r})" for r in self.refused.get(p, ())) for p in lost]
        lasting = {(s.id, one) for s in self.book.steps.values() for one in s.until}
        return named + [f"{step} until {one}" for step, one in sorted(lasting - self.lasted)]

    def run(self) -> "Walk":
        for fields in filings(self.book):
            self._file(fields)
        while self.queue:
            self._look(self.queue.popleft())
        return self

    # ---- one case ----------------------------------------------------------------

    def _file(self, fields: dict[str, Any]) -> None:
        evening = Evening(self.category, everybody(), **fields)
        evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], playbooks())
        evening.file()
        turn = Turn(self.book, {}, evening.state, evening.play.facts)
        for event, value in filed_events(self.book, evening):
            self._complain(f"filed {fields}", after_event(turn, event, value))
        self._complain(f"filed {fields}", after_sending(turn))
        self._went_on(evening, evening.play.facts)
        self._stop(evening)
        self._lead_to_end(fork(evening))
        self._lead_to_end(fork(evening), give_up=True)

    def _look(self, evening: Evening) -> None:
        for task in [t for t in evening.state["tasks"].values() if t["open"]]:
            for outcome in self._untried(task["step"]):
                self._try(evening, task, outcome)
            for step in self._sides(task["step"]):
                self._by_hand(evening, task, step)
            if self._untried("short_of_people") and task["role"] in SECURITY:
                self._nobody_takes(evening, task)
        for ring in list(evening.play.rings()):
            if ring.name and part_of(ring) in self.there - self.reached:
                self._ring(evening, ring)
        self._promote(evening)

    def _untried(self, step: str) -> list[str]:
        if step not in self.book.steps:
            return []
        every = {**self.book.steps[step].outcomes, **self.book.always}
        return [name for name in every if Part("outcome", f"{step}.{name}") not in self.reached]

    def _sides(self, opener: str) -> list[str]:
        """By hand, as long as something of it was never said; from each step once."""
        found = [s.id for s in self.book.steps.values() if s.side and self._untried(s.id)]
        return [name for name in found if opener in self.book.steps and not self.looks[f"{name} from {opener}"]]

    # ---- turns -------------------------------------------------------------------

    def _try(self, evening: Evening, task: dict[str, Any], outcome: str) -> None:
        one = fork(evening)
        if self._answer(one, task, outcome):
            self._went_on(one, one.play.facts)
            self._lead_to_end(one)

    def _answer(self, evening: Evening, task: dict[str, Any], outcome: str) -> bool:
        """Says it and compares; False when it was refused."""
        before, part = evening.state, Part("outcome", f"{task['step']}.{outcome}")
        facts = said(evening, self.book, task, outcome)
        if refusal := next((f for f in facts if isinstance(f, ReplyRefused)), None):
            self.refused.setdefault(part, set()).add(f"{refusal.reason}: {refusal.words.en}")
            return False
        self.seen.see(facts)
        self.reached.add(part)
        if task["step"] in self.book.steps:
            turn = Turn(self.book, before, evening.state, facts)
            self._complain(part.name, after_outcome(turn, task, outcome))
            if not evening.state["tasks"][key(task)]["open"]:
                ends = (task["step"], f"{task['step']}:{outcome}")
                self.lasted |= {(t["step"], one) for t in open_tasks(before) for one in ends}
        return True

    def _by_hand(self, evening: Evening, task: dict[str, Any], step: str) -> None:
        self.looks[f"{step} from {task['step']}"] += 1
        self.looks[f"{step} by hand"] += 1
        one, name = fork(evening), f"{task['step']}.{task['n']}"
        facts = one.reply(SideTaskAsked, name, BY_HAND.get(step), step=step)
        if not any(isinstance(f, TaskAssigned) and f.step == step for f in facts):
            return
        self._went_on(one, facts)
        if self.looks[f"{step} by hand"] <= LOOKS:
            self._lead_to_end(one)

    def _ring(self, evening: Evening, ring: Ring) -> None:
        one, part = fork(evening), part_of(ring)
        if part.kind == "limit" and not ring.name.startswith("ack."):
            acknowledge_all(one)
        ring = next((r for r in one.play.rings() if (r.service, r.name) == (ring.service, ring.name)), ring)
        one.later(seconds=max(0.0, (ring.due - one.now).total_seconds() - 1))
        before, one.play.facts = one.state, []
        facts = one.later(seconds=1)
        self.seen.see(facts)
        if part.kind == "clock":
            self.reached.add(part)
            turn = Turn(self.book, before, one.state, facts)
            self._complain(f"by the clock {ring.name}", after_ring(turn, ring.name))
        elif not any(isinstance(f, RungReached) for f in facts) or not passed(facts, ring):
            self._complain(ring.name, ["the limit passed and nobody was asked"])
        self._went_on(one, facts)
        self._lead_to_end(one)

    def _nobody_takes(self, evening: Evening, task: dict[str, Any]) -> None:
        """Everybody who is asked declines; then it is the supervisor's, who may send posts to it."""
        self.looks[f"decline {task['step']}"] += 1
        one, name = fork(evening), f"{task['step']}.{task['n']}"
        while self.looks[f"decline {task['step']}"] == 1:
            facts = one.decline(name)
            if any(isinstance(f, TaskAssigned | ReplyRefused) for f in facts):
                self._went_on(one, facts)
                self._lead_to_end(one)
                return

    def _stop(self, evening: Evening) -> None:
        """A drill gives way: everybody is told, nothing stays open; who joins it then is somebody's at once."""
        if not evening.filed.drill or self.looks["stopped"]:
            return
        self.looks["stopped"] += 1
        one = fork(evening)
        before, facts = one.state, one.amend(DrillStopped)
        left = [t["step"] for t in open_tasks(one.state) if t["step"] != "drill_stopped"]
        self._complain("drill stopped", [f"{step} stays open" for step in left])
        self._complain("drill stopped", all_told(before, facts, "drill_stopped", DESK))
        self._went_on(one, facts)
        self._lead_to_end(one)
        before, facts = one.state, one.amend(ReportJoined, by_report_id=one.report_id[:-32] + OTHER, drill=False)
        turn = Turn(self.book, before, one.state, facts)
        self._complain("joined to a drill", after_event(turn, "stray_link", None))
        self._went_on(one, facts)

    def _promote(self, evening: Evening) -> None:
        """By as many households as the grading says."""
        promotion = self.book.grading.promotion
        over = evening.state.get("closed_at") or evening.state["grade"] == "major"
        if not promotion or self.looks["promoted"] or over:
            return
        one = fork(evening)
        before, facts = one.state, []
        for n in range(promotion.households + 1):
            other = one.report_id[:-32] + f"{n + 7:032x}"
            facts += one.amend(ReportJoined, by_report_id=other, household=f"3栋{n}")
        turn = Turn(self.book, before, one.state, facts)
        self.looks["promoted"] += 1
        self._complain("promoted", after_event(turn, "promoted", None))
        self._went_on(one, facts)
        self._lead_to_end(one)

    def _lead_to_end(self, evening: Evening, give_up: bool = False) -> None:
        """Every open obligatory task is done, by the first outcome that is taken; then the case is closed.

        `give_up`: what a waiting step needs besides is cancelled, which satisfies too.
        """
        for _ in range(TURNS):
            task = self._next(evening)
            if task is None or evening.state.get("closed_at"):
                break
            evening.play.facts = []
            outcomes = self._onward(task["step"])
            if give_up and is_awaited(self.book, evening.state, task["step"]):
                outcomes = ["cancelled", *outcomes]
            if not any(self._answer(evening, task, outcome) for outcome in outcomes):
                self._complain(task["step"], [f"none of {outcomes} is taken"])
                return
            self._went_on(evening, evening.play.facts)
        if not evening.state.get("closed_at"):
            self._complain(f"{evening.filed.kind}, {evening.open()}", ["the case does not close"])
        self._complain("at the end", left_undone(self.book, evening.state))

    def _next(self, evening: Evening) -> dict[str, Any] | None:
        """What is to last until something else ends is left to end by itself."""
        waiting = [t for t in open_tasks(evening.state) if not t["optional"]]
        own = [t for t in waiting if t["step"] not in self.book.steps or not self.book.steps[t["step"]].until]
        return next(iter([*own, *waiting]), None)

    def _onward(self, step: str) -> list[str]:
        if step not in self.book.steps:
            return ["acknowledged"]
        rows = self.book.steps[step].outcomes
        closing = [name for name, row in rows.items() if not row.reopens and row.ends]
        return [*closing, *self.book.always]

    def _went_on(self, evening: Evening, facts: Iterable[Fact]) -> None:
        """Keeps the case for a further look if anything went out that has something untried."""
        facts = list(facts)
        self.seen.see(facts)
        keep = False
        for f in [f for f in facts if isinstance(f, TaskAssigned) and self._untried(f.step)]:
            way = f"{f.opened_by and parse_task_id(f.opened_by).step} to {f.step}"
            keep = keep or self.looks[way] < LOOKS
            self.looks[way] += 1
        rings = {part_of(r) for r in evening.play.rings()} & self.there - self.reached
        for part in rings:
            keep = keep or self.looks[str(part)] < 2
            self.looks[str(part)] += 1
        if keep:
            kept = fork(evening)
            self.queue.append(kept)

    def _complain(self, where: str, what: Iterable[str]) -> None:
        self.complaints += [text for one in what if (text := f"{where}: {one}") not in self.complaints]
