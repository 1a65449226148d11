"""A case keeps the version it began with; a version that is recorded never changes."""

import shutil
from pathlib import Path

import pytest

from shared.domain.playbooks.loading import PACKAGED, load_playbooks
from shared.domain.playbooks.mistakes import PlaybookMistake
from shared.domain.playbooks.versions import digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGED, tmp_path / "playbooks")
    return tmp_path / "playbooks"


def rewrite(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def refusals(folder: Path) -> list[str]:
    with pytest.raises(PlaybookMistake) as refused:
        load_playbooks(folder)
    return [str(m) for m in refused.value.mistakes]


def record(folder: Path, category: str, version: int) -> None:
    """Records what the loader names, as an author would."""
    named = next(m for m in refusals(folder) if f"under [{category}]" in m)
    line = named.partition(": add ")[2].partition(" under ")[0]
    rewrite(folder / "digests.toml", (f"[{category}]\n", f"[{category}]\n{line}\n"))


WORDS = ('value = "90s"', 'value = "80s"')


def test_a_changed_playbook_without_a_new_version_is_refused(folder: Path) -> None:
    rewrite(folder / "medical.toml", WORDS)
    assert len(refusals(folder)) == 1
    assert "medical.toml:4: changed without a new version: 1 is recorded" in refusals(folder)[0]


def test_a_changed_common_step_changes_every_class(folder: Path) -> None:
    rewrite(folder / "common.toml", ('"3m"', '"4m"'))
    assert {m.split(":")[0] for m in refusals(folder)} == {f"{name}.toml" for name in load_playbooks().by_category}


def test_a_comment_or_another_order_of_keys_is_no_change(folder: Path) -> None:
    rewrite(
        folder / "medical.toml",
        ('src = "S"\nrole = "customer_assistant"', 'role = "customer_assistant"\nsrc = "S" # hm'),
    )
    load_playbooks(folder)


def test_both_versions_are_loaded(folder: Path) -> None:
    (folder / "earlier").mkdir(exist_ok=True)
    shutil.copy(folder / "medical.toml", folder / "earlier" / "medical.1.toml")
    rewrite(folder / "medical.toml", WORDS, ("version = 1", "version = 2"))
    record(folder, "medical", 2)
    both = load_playbooks(folder)
    assert (both.of("medical").version, both.of("medical", 2).version, both.of("medical", 1).version) == (2, 2, 1)
    finish = [book.steps["call_120"].limits[1].value for book in (both.of("medical", 1), both.of("medical", 2))]
    assert [value.total_seconds() for value in finish] == [90, 80]  # type: ignore[union-attr]
    with pytest.raises(KeyError):
        both.of("medical", 3)


def test_an_earlier_version_keeps_its_common_steps(folder: Path) -> None:
    (folder / "earlier").mkdir(exist_ok=True)
    for name in ("common", "medical", "inquiry"):
        shutil.copy(folder / f"{name}.toml", folder / "earlier" / f"{name}.1.toml")
    rewrite(folder / "common.toml", ("version = 1", "version = 2"), ('"3m"', '"4m"'))
    for name in ("medical", "inquiry"):
        rewrite(folder / f"{name}.toml", ("version = 1", "version = 2"), ("common = 1", "common = 2"))
        record(folder, name, 2)
    both = load_playbooks(folder)
    limits = [both.of("medical", n).steps["call_back_caller"].limits[1].value for n in (1, 2)]
    assert [value.total_seconds() for value in limits] == [180, 240]  # type: ignore[union-attr]


def test_an_earlier_file_is_called_by_its_version(folder: Path) -> None:
    (folder / "earlier").mkdir(exist_ok=True)
    shutil.copy(folder / "medical.toml", folder / "earlier" / "medical.9.toml")
    assert any("earlier/medical.9.toml:4: an earlier file is called" in m for m in refusals(folder))


def test_an_unused_new_field_changes_no_digest() -> None:
    book = load_playbooks().of("medical")
    assert digest(book) == digest(book.model_copy(update={"default_form": {}}))
