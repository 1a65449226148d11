"""What of a whole run is looked at twice."""

import pytest

from tests.run import MOST_AGAIN, may_be_run_again

A_PAGE = "tests/pages/test_board.py::test_one"


@pytest.mark.parametrize(
    ("code", "tests", "again"),
    [
        (1, [A_PAGE], True),
        (1, [A_PAGE] * MOST_AGAIN, True),
        (1, [A_PAGE] * (MOST_AGAIN + 1), False),
        (1, [A_PAGE, "tests/faults/test_kills.py::test_one"], False),
        (1, ["tests/domain/test_pace.py::test_one"], False),
        (1, [], False),
        (3, [A_PAGE], False),
        (0, [A_PAGE], False),
    ],
)
def test_only_a_few_of_real_parts_and_never_kills_or_rules(code: int, tests: list[str], again: bool) -> None:
    assert may_be_run_again(code, tests) is again
