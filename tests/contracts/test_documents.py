"""What the documents say of the code is true: files, tests, topics, and the words of the glossary."""

import re
from pathlib import Path
from typing import get_args

import pytest
import typer

from cli.main import build
from shared.contracts.topics import TOPICS
from shared.contracts.vocabulary import CATEGORIES, HELPS, LANES, ROLES, Clock, Grade
from tests.support.documents import ROOT, in_ticks, name, text

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))
FOLDERS = ("shared/", "services/", "cli/", "tests/", "docs/", "deploy/", "examples/", "bench/")
TOPIC = re.compile(rf"[a-z]+(\.[a-z]+)?\.({'|'.join(LANES)})|parked")
ROW = re.compile(r"\| \S+.* \| `")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_names_only_files_and_tests_that_exist(document: Path) -> None:
    wrong = []
    for word in in_ticks(text(document)):
        path, _, test = word.partition("::")
        if not path.startswith(FOLDERS) or any(c in path for c in " <*…"):
            continue
        file = ROOT / path.rstrip("/")
        if not file.exists() or (test and f"def {test}(" not in text(file)):
            wrong.append(word)
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_documents_links_lead_somewhere_in_the_repository(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(document))
    inside = [(document.parent / link).resolve() for link in links if "://" not in link]
    assert [str(link) for link in inside if not link.exists() or not link.is_relative_to(ROOT)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_names_only_topics_that_exist(document: Path) -> None:
    known = {t.name for t in TOPICS}
    assert [w for w in in_ticks(text(document)) if TOPIC.fullmatch(w) and w not in known] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_names_only_commands_that_exist(document: Path) -> None:
    named = {words.split()[1] for words in in_ticks(text(document)) if re.match(r"baoshi [a-z]", words)}
    assert named <= set(typer.main.get_group(build()).commands)
    targets = {words.split()[1] for words in in_ticks(text(document)) if re.match(r"make [a-z]", words)}
    assert targets <= set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.M))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_needs_nothing_outside_the_repository(document: Path) -> None:
    outside = r"(?<![\w.])/(work|tmp|home|root|usr)/|DESIGN\.md|SOP\.md|PLAYBOOKS\.md|\.\./shared"
    assert re.findall(outside, text(document)) == []


@pytest.mark.parametrize("decision", DECISIONS, ids=name)
def test_a_decision_says_what_would_reopen_it(decision: Path) -> None:
    said = text(decision)
    assert said.startswith(f"# {decision.name[:4]} ")
    assert all(f"**{part}.**" in said for part in ("Decision", "Why", "What would reopen it"))
    assert len(said.split("\n")) < 60


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [d.name[:4] for d in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]


def test_the_glossary_has_every_word_of_the_procedure() -> None:
    words = {*ROLES, *CATEGORIES, *HELPS, *LANES, *get_args(Grade), *get_args(Clock)}
    assert words <= set(in_ticks(text(ROOT / "GLOSSARY.md")))


def test_the_glossary_gives_one_meaning_to_a_word() -> None:
    lines = text(ROOT / "GLOSSARY.md").split("\n")
    cells = [line.split("|")[1:3] for line in lines if ROW.match(line)]
    chinese, codes = [c[0].strip() for c in cells], [in_ticks(c[1])[0] for c in cells]
    assert len(set(chinese)) == len(chinese) > 40
    assert len(set(codes)) == len(codes)
