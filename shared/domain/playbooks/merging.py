"""From single files to whole playbooks: the common steps added, other classes' steps included."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from shared.domain.playbooks.format import Always, Notice, Opening, Outcome, Row, Step
from shared.domain.playbooks.mistakes import Mistake
from shared.domain.playbooks.reading import Draft, read_row

Drafts = Mapping[tuple[str, int], Draft]


class Include(Row):
    """`medical:meet` with its followers as far as `as_far_as`; later targets are dropped (PLAYBOOKS 0.6.13).

    `opens_on`: what opens its first step here; without it only an outcome does. Without `as_far_as`: all followers.
    """

    step: str
    version: int
    as_far_as: str | None = None
    opens_on: tuple[Opening, ...] = ()


class Whole(NamedTuple):
    """A playbook's rows with the file each came from, before it is checked."""

    draft: Draft
    steps: dict[str, Step]
    notices: dict[str, Notice]
    always: dict[str, Always]
    included: tuple[str, ...]
    origin: dict[str, Draft]

    def mistake(self, owner: str | None, path: tuple[str | int, ...], text: str) -> Mistake:
        return self.origin.get(owner or "", self.draft).mistake(owner, path, text)


def merge(draft: Draft, drafts: Drafts) -> tuple[Whole, list[Mistake]]:
    """The file's own rows first, then included ones, then the common ones of the version it names."""
    mistakes: list[Mistake] = []
    steps, notices = dict(draft.steps), dict(draft.notices)
    origin = dict.fromkeys((*steps, *notices), draft)
    included: list[str] = []
    for other, more_steps, more_notices in _others(draft, drafts, mistakes):
        if other.name != "common":
            included += more_steps
        for name in (*more_steps, *more_notices):
            if name in origin:
                mistakes.append(draft.mistake(name, ("id",), f"duplicate id {name}, also in {other.source.file}"))
        for row in more_steps.values():
            steps.setdefault(row.id, row)
        for told in more_notices.values():
            notices.setdefault(told.id, told)
        origin = dict.fromkeys((*more_steps, *more_notices), other) | origin
    common = _common(draft, drafts)
    always = _always(common, mistakes) if common else {}
    settled = {name: _settle(row, steps, origin[name] is common) for name, row in steps.items()}
    return Whole(draft, settled, notices, always, tuple(included), origin), mistakes


def _others(draft: Draft, drafts: Drafts, mistakes: list[Mistake]) -> list[tuple[Draft, dict[str, Step], Any]]:
    found = [
        taken
        for n, content in enumerate(draft.head.get("includes", ()))
        if (taken := _included(draft, n, content, drafts, mistakes))
    ]
    common = _common(draft, drafts)
    if common is None:
        version = draft.head.get("common", 1)
        mistakes.append(draft.mistake(None, ("common",), f"common: there is no version {version} of common"))
        return found
    return [*found, (common, common.steps, common.notices)]


def _common(draft: Draft, drafts: Drafts) -> Draft | None:
    return drafts.get(("common", draft.head.get("common", 1)))


def _included(
    draft: Draft, n: int, content: dict[str, Any], drafts: Drafts, mistakes: list[Mistake]
) -> tuple[Draft, dict[str, Step], dict[str, Notice]] | None:
    include, wrong = read_row(draft.source, None, content, Include)
    mistakes += wrong
    if include is None:
        return None
    name, _, first = include.step.partition(":")
    other = drafts.get((name, include.version))
    last = include.as_far_as
    if other is None or not {first, last or first} <= set(other.steps):
        text = f"includes: {include.step} as far as {last or 'its end'}: not in version {include.version} of {name}"
        mistakes.append(draft.mistake(None, ("includes", n), text))
        return None
    taken = _followers(other, first, last)
    common = _common(draft, drafts)
    kept = {*taken, *(common.steps if common else ())}
    steps = {step: _cut(other.steps[step], kept) for step in taken}
    steps[first] = steps[first].model_copy(update={"opens_on": include.opens_on})
    told = {
        id: notice
        for id, notice in other.notices.items()
        if notice.on and all(on.event == "step" and on.step in taken for on in notice.on)
    }
    return other, steps, told


def _followers(draft: Draft, first: str, last: str | None) -> tuple[str, ...]:
    taken: list[str] = []
    queue = [first]
    while queue:
        step = queue.pop(0)
        if step not in taken and step in draft.steps:
            taken.append(step)
            queue += [] if step == last else opened_by(draft.steps[step])
    return tuple(taken)


def opened_by(step: Step) -> list[str]:
    """What its outcomes open, at once or by the clock."""
    by_outcome = [t for row in step.outcomes.values() for t in row.opens]
    return by_outcome + [t for row in step.timed for t in row.opens]


def _cut(step: Step, kept: Collection[str]) -> Step:
    """Without what belongs to its own class alone: other ways to open it, helps, and the report's grade."""
    gone: dict[str, Any] = {"help": (), "close": False, "grade": None, "only_grade": ()}
    outcomes = {
        name: row.model_copy(update={"opens": tuple(t for t in row.opens if t in kept), **gone})
        for name, row in step.outcomes.items()
    }
    return step.model_copy(update={"outcomes": outcomes, "opens_on": (), "opens_after": ()})


def _settle(step: Step, steps: dict[str, Step], common: bool) -> Step:
    """Names without their class in front, and for each outcome whether it ends its step (PLAYBOOKS 0.1)."""
    outcomes = {name: _settled(row, steps, common) for name, row in step.outcomes.items()}
    return step.model_copy(update={"outcomes": outcomes})


def _settled(row: Outcome, steps: dict[str, Step], common: bool) -> Outcome:
    opens = tuple(t.partition(":")[2] or t for t in row.opens)
    leaves = (
        bool(opens)
        and not (row.help or row.kind or row.close or row.reopens or common)
        and all(t in steps and steps[t].side for t in opens)
    )
    ends = row.ends if "ends" in row.model_fields_set else not leaves
    return row.model_copy(update={"opens": opens, "ends": ends})


def _always(common: Draft, mistakes: list[Mistake]) -> dict[str, Always]:
    found: dict[str, Always] = {}
    for name, content in common.head.get("always", {}).items():
        row, wrong = read_row(common.source, None, content, Always)
        mistakes += wrong
        if row is not None:
            found[name] = row
    return found
