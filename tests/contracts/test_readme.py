"""The README's life of a report and its diagram, checked against the code."""

from pathlib import Path

import pytest

from shared.contracts.diagram import conversations, mermaid
from shared.contracts.topics import TOPICS
from tests.support.documents import ROOT, in_ticks, name, rows, text

HEADS = {ROOT / "README.md": "| # | step", ROOT / "README.zh-CN.md": "| # | 步骤"}
READMES = list(HEADS)
LIFE = {readme: rows(text(readme), head) for readme, head in HEADS.items()}


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_the_life_of_a_report_names_files_that_exist(readme: Path) -> None:
    files = [one for _, _, cell, _ in LIFE[readme] for one in in_ticks(cell)]
    assert len(files) == len(LIFE[readme]) > 10
    assert [f for f in files if not (ROOT / f).is_file()] == []


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_the_life_of_a_report_passes_every_family_of_topics(readme: Path) -> None:
    passed = [one for *_, cell in LIFE[readme] for one in in_ticks(cell)]
    assert set(passed) <= {t.name for t in TOPICS}
    assert {t.family for t in TOPICS if t.name in passed} == {t.family for t in TOPICS}


def test_both_readmes_tell_the_same_life() -> None:
    english, chinese = ([[n, f, t] for n, _, f, t in LIFE[readme]] for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_the_diagram_is_drawn_from_the_table_of_topics(readme: Path) -> None:
    assert f"```mermaid\n{mermaid()}\n```" in text(readme)


def test_the_diagram_has_every_topic() -> None:
    told = {(s, r, t.family) for t in TOPICS for s in t.spoken_by for r in t.read_by}
    assert {(s, r, f) for (s, r), families in conversations().items() for f in families} == told
