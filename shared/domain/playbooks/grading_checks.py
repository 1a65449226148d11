"""Which grading cannot work."""

from collections.abc import Iterator

from shared.contracts.event import Words
from shared.contracts.vocabulary import KINDS, Role
from shared.domain.playbooks.format import Grading, Playbook, Promotion, RecordField
from shared.domain.playbooks.limit_checks import NOTHING

MAY_LOWER: frozenset[Role] = frozenset(
    {"service_head", "management_director", "department_head", "security_supervisor"}
)
"""Who is told of a major case must not be taken off it by somebody on the scene: heads only (SOP S2)."""
FEWEST_HOUSEHOLDS = 2
"""One household is every complaint."""


def fields_of(book: Playbook) -> dict[str, RecordField]:
    """All that the playbook records, by id."""
    return {field.id: field for step in book.steps.values() for field in step.record}


def check_grading(book: Playbook, grading: Grading) -> Iterator[tuple[str, Words]]:
    """The field and what is wrong with it; `grading` is the playbook's or what an estate makes of it."""
    for kind in grading.kinds:
        if kind not in KINDS.get(book.playbook, ()):
            zh, en = f"{book.playbook} 没有种类 {kind}", f"{book.playbook} has no kind {kind}"
            yield "kinds", Words(zh=zh, en=en)
    if unfit := sorted(set(grading.lowered_by) - MAY_LOWER):
        known = ", ".join(sorted(MAY_LOWER))
        zh = f"只有主管可以降级({known}),不能是 {', '.join(unfit)}"
        yield "lowered_by", Words(zh=zh, en=f"only heads may lower a grade ({known}), not {', '.join(unfit)}")
    if grading.without_place_after is not None and grading.without_place_after <= NOTHING:
        yield "without_place_after", Words(zh="等待须长于零", en="a delay is longer than nothing")
    if grading.promotion is not None:
        yield from (("promotion", words) for words in _promotion(book, grading.promotion))


def _promotion(book: Playbook, promotion: Promotion) -> Iterator[Words]:
    if promotion.after <= NOTHING:
        yield Words(zh="after 须长于零", en="after is longer than nothing")
    if promotion.households < FEWEST_HOUSEHOLDS:
        zh, en = f"households 至少 {FEWEST_HOUSEHOLDS}", f"households is {FEWEST_HOUSEHOLDS} at least"
        yield Words(zh=zh, en=en)
    field = fields_of(book).get(promotion.only_if or "")
    if promotion.only_if and (field is None or field.type != "flag"):
        zh = f"没有步骤记录是非项 {promotion.only_if}"
        yield Words(zh=zh, en=f"no step records a flag called {promotion.only_if}")
