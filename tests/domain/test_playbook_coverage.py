"""Every step, outcome, notice and clock of every playbook is reached through the real rules, and what the playbook
says follows did follow."""

import pytest

from shared.contracts.vocabulary import CATEGORIES, Category
from tests.domain.walking.walk import Walk


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_part_of_the_playbook_is_reached_and_what_it_says_follows(category: Category) -> None:
    walk = Walk(category).run()
    assert not walk.complaints, "\n".join(["what did not follow:", *walk.complaints])
    assert not walk.never(), "\n".join(["what nothing leads to:", *walk.never()])
