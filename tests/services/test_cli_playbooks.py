"""`baoshi playbooks` and what `baoshi estates check` says of an estate's own rows."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build
from shared.domain.playbooks.loading import PACKAGED, load_playbooks

OWN = """estate = "tiny"
zh = "小院"
en = "Tiny"

[[overrides]]
playbook = "inquiry"
step = "reply_written"
limits = [{ clock = "finish", after = "report", calendar = "working", value = "1d", src = "own: promised" }]

[[overrides]]
playbook = "inquiry"
notice = "written_due"
urgency = "morning"

[[waits]]
role = "service_head"
lane = "routine"
waits = ["30m"]
"""


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, *words: str) -> None:
        result = CliRunner().invoke(build(), list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(PACKAGED, tmp_path / "own", ignore=shutil.ignore_patterns("digests.toml", "earlier"))
    )


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ---- check -----------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("zh", "步骤 {}"), ("en", "{} steps")])
def test_check_counts_what_each_class_holds(language: str, words: str) -> None:
    books = load_playbooks().by_category
    said = Said("playbooks", "check", "--lang", language)
    assert said.code == 0 and len(said.out.splitlines()) == len(books)
    assert all(words.format(len(book.steps)) in said.out for book in books.values())


def test_check_names_every_mistake_with_file_and_line(folder: Path) -> None:
    change(folder / "medical.toml", 'opens = ["ask_help"]', 'opens = ["ask_hepl"]')
    change(folder / "inquiry.toml", 'role = "customer_assistant"', 'role = "clerk"')
    said = Said("playbooks", "check", str(folder), "--lang", "zh")
    lines = (folder / "medical.toml").read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines, start=1) if "ask_hepl" in line)
    assert said.code == 1 and f"{folder}/medical.toml:{at}: ask_address: unknown target ask_hepl" in said.err
    assert f"{folder}/inquiry.toml:" in said.err and not said.out
    assert "预案有" in said.err and "不能使用" in said.err


def test_check_of_no_folder_says_so(tmp_path: Path) -> None:
    said = Said("playbooks", "check", str(tmp_path / "none"), "--lang", "zh")
    assert said.code == 1 and "没有这个目录" in said.err


# ---- diff ------------------------------------------------------------------------


def test_diff_shows_what_an_estates_file_has_otherwise(file: Path) -> None:
    said = Said("playbooks", "diff", str(file), "--lang", "en")
    printed = [line.strip() for line in said.out.splitlines()]
    was = next(row for row in load_playbooks().of("inquiry").steps["reply_written"].limits if row.clock == "finish")
    assert said.code == 0 and printed == [
        "inquiry",
        "reply_written S4.1",
        f"finish: 2d after report (working days) [{was.src}] → 1d after report (working days) [own: promised]",
        "written_due S4.1",
        "urgency: routine → morning [own]",
        "waits of the ladders",
        "service_head routine",
        "waits: 15m, 1h → 30m [own]",
    ]


def test_diff_of_another_folder_names_changed_and_missing_classes(folder: Path) -> None:
    change(folder / "medical.toml", 'without_place_after = "3m"', 'without_place_after = "4m"')
    (folder / "disaster.toml").unlink()
    said = Said("playbooks", "diff", str(folder), "--lang", "zh")
    assert said.code == 0 and "grading.without_place_after: 3m → 4m" in said.out
    assert "disaster: 对方没有" in said.out.splitlines()


def test_a_playbook_is_called_as_the_glossary_says() -> None:
    assert "预案" in Said("playbooks", "--help").out and "规程" not in Said("playbooks", "--help").out


def test_a_duration_beyond_a_year_is_refused_by_line(file: Path) -> None:
    change(file, 'value = "1d"', 'value = "99999999999d"')
    said = Said("estates", "check", str(file), "--lang", "en")
    assert said.code == 1 and f"{file}:8: overrides#1.limits.1: value" in said.err and "366d at most" in said.err


def test_no_difference_is_said(folder: Path) -> None:
    assert Said("playbooks", "diff", str(folder), "--lang", "en").out == "no difference\n"


@pytest.mark.parametrize("words", [(), ("here.toml", "--estate", "tiny")])
def test_diff_wants_one_thing_to_compare_with(words: tuple[str, ...]) -> None:
    said = Said("playbooks", "diff", *words, "--lang", "en")
    assert said.code == 1 and "name one" in said.err


def test_an_estate_that_loosens_the_source_is_refused_by_line(file: Path) -> None:
    change(file, 'value = "1d"', 'value = "5d"')
    for words in (("estates", "check"), ("estates", "apply"), ("playbooks", "diff")):
        said = Said(*words, str(file), "--lang", "zh")
        assert said.code == 1 and f"{file}:8: overrides#1.limits: finish 时限依据为 S" in said.err
        assert "reply_written" not in said.out


def test_estates_check_needs_no_database(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOSHI_MONGO", "mongodb://127.0.0.1:1/?replicaSet=none")
    said = Said("estates", "check", str(file), "--lang", "zh")
    assert (said.code, said.out) == (0, "tiny 小院:没有错误\n")


@pytest.mark.stack
def test_diff_of_an_applied_estate(stack, names, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("BAOSHI_MONGO", stack.mongo_uri)
    monkeypatch.setenv("BAOSHI_MONGO_DATABASE", names.database)
    assert Said("estates", "apply", str(file)).code == 0
    applied = Said("playbooks", "diff", "--estate", "tiny", "--lang", "en")
    assert applied.code == 0 and applied.out == Said("playbooks", "diff", str(file), "--lang", "en").out
    unknown = Said("playbooks", "diff", "--estate", "nowhere", "--lang", "zh")
    assert unknown.code == 1 and "没有小区 nowhere" in unknown.err
    change(folder / "inquiry.toml", 'value = "2d"', 'value = "12h"')
    monkeypatch.setenv("BAOSHI_PLAYBOOKS", str(folder))
    later = Said("playbooks", "diff", "--estate", "tiny", "--lang", "en")
    assert later.code == 1 and "tiny: overrides#1.limits: the finish limit's src is S" in later.err
    assert "reply_written" not in later.out and "written_due" in later.out
