"""People read a name in both languages wherever the vocabulary has a code."""

from typing import Any, get_args

import pytest

from shared.contracts import vocabulary
from shared.contracts.names import NAMES

TABLES: dict[str, Any] = {
    "category": vocabulary.Category, "lane": vocabulary.Lane, "kind": vocabulary.Kind, "role": vocabulary.Role,
    "help": vocabulary.Help, "grade": vocabulary.Grade, "urgency": vocabulary.Urgency,
    "channel": vocabulary.Channel, "form": vocabulary.Form, "sign": vocabulary.Sign,
    "clock": vocabulary.Clock, "weather": vocabulary.Weather,
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_code_has_a_name(table: str) -> None:
    assert set(NAMES[table]) == set(get_args(TABLES[table]))


def test_a_name_is_chinese_and_english_and_no_two_codes_share_one() -> None:
    for table, names in NAMES.items():
        for place in (0, 1):
            said = [words[place] for words in names.values()]
            assert len(set(said)) == len(said), table
        assert all(zh != en and en.isascii() for zh, en in names.values()), table
