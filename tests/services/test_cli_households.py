"""`baoshi households` on a real MongoDB: all rows or none, and nothing of them in what it prints."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LIST = EXAMPLES / "households" / "lanting.csv"


def said(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(build(), [*words, "--lang", "en"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout + result.stderr


@pytest.mark.stack
def test_a_list_is_checked_applied_and_replaced(  # type: ignore[no-untyped-def]
    stack, names, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BAOSHI_MONGO", stack.mongo_uri)
    monkeypatch.setenv("BAOSHI_MONGO_DATABASE", names.database)
    assert said("households", "apply", str(LIST), "--estate", "lanting") == (1, "there is no estate lanting\n")
    assert said("estates", "apply", str(EXAMPLES / "estates" / "lanting.toml"))[0] == 0
    assert said("households", "check", str(LIST), "--estate", "lanting") == (0, "lanting: 5 rows, no mistakes\n")
    assert said("households", "count", "--estate", "lanting") == (0, "lanting: 0 rows\n")
    assert said("households", "apply", str(LIST), "--estate", "lanting") == (0, "lanting: 5 rows (before: 0)\n")
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes("房号,慢性病\n9-1-402,冠心病\n门口,糖尿病\n".encode("gb18030"))
    code, words = said("households", "apply", str(wrong), "--estate", "lanting")
    assert code == 1 and "wrong.csv:3: room" in words and "nothing was applied" in words and "糖尿病" not in words
    assert said("households", "count", "--estate", "lanting") == (0, "lanting: 5 rows\n")
