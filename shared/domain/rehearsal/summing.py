"""What many rehearsed reports come to; drills by themselves, as everywhere."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from shared.domain.rehearsal.aligning import STATUSES
from shared.domain.rehearsal.comparing import Rehearsed


def totals(rehearsed: Iterable[Rehearsed]) -> dict[str, Any]:
    """`reports`, how many of them are `alike`, and of everything told, how much of each status."""
    reports = alike = unfaithful = unfit = reworded = cut = 0
    told: Counter[str] = Counter()
    for one in rehearsed:
        reports += 1
        alike += not one.differs
        unfaithful += one.faithful is not True
        cut += one.stopped_at is not None
        unfit += len(one.unfit)
        reworded += sum(pair.reworded for pair in one.pairs)
        told.update(pair.status for pair in one.pairs)
    return {
        "reports": reports,
        "alike": alike,
        "told": {status: told[status] for status in STATUSES},
        "reworded": reworded,
        "unfit": unfit,
        "unfaithful": unfaithful,
        "cut": cut,
    }
