"""Nobody is stood down without being told: whoever had a task that is over, and whoever was told of a case that is
called off, hears so in the same decision, unless he said it himself or has another task of the case."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from shared.contracts.escalations import RungReached
from shared.contracts.event import Addressee, Fact
from shared.contracts.ids import parse_task_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import Said
from shared.contracts.tasks import ReportChanged, ReportReopened, TaskAssigned, TaskChanged, TaskWithdrawn
from tests.domain.nights.night import Night
from tests.domain.nights.promises import must

Hands = tuple[str, str]
"""A person or a post, by whatever name a radio reaches somebody."""
ESCALATIONS = ("rung", "reminder", "informed", "unassigned")


class Told:
    """Follows who had what; `turn` takes the facts since the last turn."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.sent: dict[str, TaskAssigned] = {}
        self.rung: dict[str, set[Hands]] = {}
        self.spoken_to: dict[str, list[set[Hands]]] = {}

    def turn(self, facts: list[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, ReportChanged) and fact.ending:
                self._all_told(fact, facts)
            self._follow(fact)
        self._withdrawn(facts)

    def _follow(self, fact: Fact) -> None:
        for to in _reached(fact):
            self.spoken_to.setdefault(fact.report_id, []).append(to)
        if isinstance(fact, TaskAssigned):
            self.sent[fact.task_id] = fact
        elif isinstance(fact, RungReached):
            self.rung.setdefault(fact.task_id, set()).update(("person", one) for one in fact.persons)
        elif isinstance(fact, ReportReopened):
            # What was closed was closed; the next round begins with nobody told of anything.
            self.spoken_to[fact.report_id] = []

    def _withdrawn(self, facts: Iterable[Fact]) -> None:
        by_cause: dict[tuple[str, UUID | None], list[Fact]] = {}
        for fact in facts:
            by_cause.setdefault((fact.report_id, fact.because_of), []).append(fact)
        for decided in by_cause.values():
            for fact in [f for f in decided if isinstance(f, TaskWithdrawn) and not self._is_quiet(f)]:
                hears = self._hears(fact, decided)
                for who in self._to_be_told(fact.task_id):
                    must(who & hears, who, "was not told that", fact.task_id, "is over:", fact.why)

    def _is_quiet(self, fact: TaskWithdrawn) -> bool:
        """A correction gives way to a newer one; what was only to be acknowledged ends with the case."""
        task = self.sent[fact.task_id]
        return task.step == "correct_place" or (fact.why == "closed" and task.only_ack)

    def _all_told(self, ending: ReportChanged, facts: list[Fact]) -> None:
        """A case that is called off: whoever was ever told of it by name."""
        same = [f for f in facts if (f.report_id, f.because_of) == (ending.report_id, ending.because_of)]
        hears = self._hears(ending, same)
        for who in self.spoken_to.get(ending.report_id, ()):
            must(who & hears, who, "was told of", ending.report_id, "and not that it is", ending.ending)

    def _to_be_told(self, task_id: str) -> list[set[Hands]]:
        """Each pair of hands the task was ever in, by every name it goes by."""
        state = self.night.play.state("dispatch", parse_task_id(task_id).report_id)
        task = state["tasks"]["-".join(task_id.rsplit(".", 2)[1:])]
        rows = [*task.get("addressed", ()), task]
        found = [{(field, row[field]) for field in ("person", "post") if row.get(field)} for row in rows]
        known = set().union(*found)
        return [one for one in found if one] + [{one} for one in self.rung.get(task_id, set()) - known]

    def _hears(self, fact: Fact, decided: list[Fact]) -> set[Hands]:
        words = (f for f in decided if isinstance(f, TaskAssigned | NoticeIssued) and _is_word(f))
        told = {one for f in words for one in hands(f.to)}
        return told | self._speaker(fact.because_of) | set(self._at_work(fact.report_id, decided))

    def _speaker(self, cause: UUID | None) -> set[Hands]:
        said = next((e for e in self.night.said if e.event_id == cause), None)
        if not isinstance(said, Said):
            return set()
        return {(field, one) for field, one in (("person", said.by.person), ("post", said.by.post)) if one}

    def _at_work(self, report_id: str, decided: list[Fact]) -> Iterator[Hands]:
        state = self.night.play.state("dispatch", report_id)
        closed = {f.task_id for f in decided if isinstance(f, TaskWithdrawn)}
        for task in state["tasks"].values():
            if task["open"] and task["id"] not in closed:
                yield from ((f, task[f]) for f in ("person", "post") if task.get(f))


def hands(to: Addressee) -> Iterator[Hands]:
    yield from (("person", to.person),) if to.person else ()
    yield from (("post", to.post),) if to.post else ()


def _is_word(fact: TaskAssigned | NoticeIssued) -> bool:
    return isinstance(fact, TaskAssigned) or fact.name == "stood_down"


def _reached(fact: Fact) -> Iterator[set[Hands]]:
    """Everybody whom this fact reaches by name; whom escalation asks, it says by the rung."""
    if isinstance(fact, RungReached):
        yield from ({("person", one)} for one in fact.persons)
    elif isinstance(fact, TaskChanged) and fact.by and fact.what in ("acknowledged", "started", "arrived"):
        if fact.by.person and not fact.late:
            yield {("person", fact.by.person)}
    elif isinstance(fact, NoticeIssued) and fact.name in ESCALATIONS:
        return
    elif isinstance(fact, TaskAssigned | NoticeIssued | TaskChanged) and fact.to:
        yield from [named] if (named := set(hands(fact.to))) else []
