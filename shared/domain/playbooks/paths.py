"""Which ways through a playbook lead nowhere, nowhere new, or round in a circle."""

from collections.abc import Iterable, Mapping

from shared.domain.playbooks.format import Playbook, Step
from shared.domain.playbooks.merging import opened_by


def unreachable(book: Playbook) -> list[str]:
    """Steps that no filing, choice, hand, clock or outcome opens."""
    queue = [s.id for s in book.steps.values() if s.opens_on or s.side or s.id == book.recording_step]
    queue += [target for always in book.always.values() for target in always.opens]
    seen: set[str] = set()
    while queue:
        step = queue.pop()
        if step in seen or step not in book.steps:
            continue
        seen.add(step)
        queue += opened_by(book.steps[step])
        queue += [s.id for s in book.steps.values() if any(after.step == step for after in s.opens_after)]
    return [name for name in book.steps if name not in seen]


def leads_to(book: Playbook, starts: Iterable[str]) -> frozenset[str]:
    """These steps and all that follow from them in the procedure's own course; side tasks are no part of it."""
    found: set[str] = set()
    queue = list(starts)
    while queue:
        step = book.steps.get(queue.pop())
        if step and step.id not in found and not step.side:
            found.add(step.id)
            queue += opened_by(step)
    return frozenset(found)


def circles(book: Playbook) -> list[tuple[str, ...]]:
    """Ways from a step to itself. A new choice of help or kind is a person's, so it may lead back."""
    ways = {name: _next(step, book.steps) for name, step in book.steps.items()}
    found: dict[frozenset[str], tuple[str, ...]] = {}
    done: set[str] = set()
    for start in ways:
        _walk(start, ways, (), done, found)
    return list(found.values())


def _next(step: Step, steps: Mapping[str, Step]) -> list[str]:
    timed = [s.id for s in steps.values() if any(after.step == step.id for after in s.opens_after)]
    return [*opened_by(step), *timed]


def _walk(
    at: str,
    ways: Mapping[str, list[str]],
    behind: tuple[str, ...],
    done: set[str],
    found: dict[frozenset[str], tuple[str, ...]],
) -> None:
    if at in behind:
        circle = behind[behind.index(at) :]
        found.setdefault(frozenset(circle), (*circle, at))
        return
    if at in done:
        return
    for target in ways.get(at, []):
        _walk(target, ways, (*behind, at), done, found)
    done.add(at)
