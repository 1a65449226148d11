"""The limits of one row of an estate put onto a step, and what is wrong with them."""

from collections.abc import Iterable

from shared.contracts.event import Words
from shared.contracts.vocabulary import LANES, Category, Clock
from shared.domain.playbooks.format import Limit, Step
from shared.domain.playbooks.loosening import loosened
from shared.domain.playbooks.override_reading import Wrong, read_part
from shared.domain.playbooks.own_rows import Override, write_duration
from shared.domain.playbooks.putting_off import lanes_of, left_out, put_off


def read_limits(row: Override) -> tuple[list[Limit], list[Wrong]]:
    """Those that can be read; without `src` they are the estate's `own`."""
    found: list[Limit] = []
    wrong: list[Wrong] = []
    for n, raw in enumerate(row.limits):
        limit, mistakes = read_part({"src": "own", **raw}, Limit, "limits", n)
        found += [limit] if limit else []
        wrong += mistakes
    return found, wrong


def with_limits(step: Step, own: list[Limit]) -> dict[str, object]:
    """Instead of the step's rows of the same clocks."""
    clocks = {limit.clock for limit in own}
    return {"limits": (*(limit for limit in step.limits if limit.clock not in clocks), *own)}


def loose_limits(category: Category, step: Step, own: list[Limit]) -> Iterable[Wrong]:
    """What the source or the government does not let be longer, and no emergency be put off by."""
    yield from _looser(step, own)
    yield from _off(category, step, own)


def _looser(step: Step, own: list[Limit]) -> Iterable[Wrong]:
    clocks: list[Clock] = list(dict.fromkeys(limit.clock for limit in own))
    for clock in clocks:
        fixed = loosened(_of(clock, step.limits), _of(clock, own))
        if fixed:
            zh = f"{clock} 时限依据为 {fixed.src},小区只能更短,不能放宽"
            en = f"the {clock} limit's src is {fixed.src}: an estate may shorten it, never loosen it"
            yield Wrong("limits", Words(zh=zh, en=en))


def _off(category: Category, step: Step, own: list[Limit]) -> Iterable[Wrong]:
    lanes = lanes_of(category)
    for clock in dict.fromkeys(limit.clock for limit in own):
        packaged, mine = _of(clock, step.limits), _of(clock, own)
        for lane in LANES:
            if lane in lanes and left_out(packaged, mine, lane):
                zh = f"{lane} 通道里 {clock} 时限不再起算:预案的时限在哪里起算,新行也须起算"
                en = f"in the {lane} lane the {clock} limit would not count any more where the playbook's does"
                yield Wrong("limits", Words(zh=zh, en=en))
        bound = put_off(packaged, mine) if "emergency" in lanes else None
        if bound is not None:
            yield Wrong("limits", _too_far(clock, write_duration(bound), both=len(lanes) > 1))


def _too_far(clock: Clock, bound: str, *, both: bool) -> Words:
    zh = f"急事里 {clock} 时限此处最长 {bound}(预案的三倍,或下限)"
    en = f"in an emergency {clock} is {bound} at most here: three times the playbook's, or the floor"
    if both:
        zh, en = f'{zh};日常另写:by = "lane"', f'{en}; with by = "lane" the routine lane has its own'
    return Words(zh=zh, en=en)


def _of(clock: Clock, rows: Iterable[Limit]) -> tuple[Limit, ...]:
    return tuple(row for row in rows if row.clock == clock)
