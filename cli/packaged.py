"""The playbooks that the installation works with, or any folder of them, for a command."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from cli.directory import fail
from cli.language import Language
from shared.contracts.event import Words
from shared.domain.estates.loading import Mistake
from shared.domain.estates.overrides import misfits
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.loading import PACKAGED, load_playbooks
from shared.domain.playbooks.mistakes import PlaybookMistake
from shared.platform.settings import Settings


def folder_of(given: Path | None) -> Path:
    """The folder named, else that of the settings, else the packaged one."""
    return given or Settings().playbooks or PACKAGED


def load(folder: Path, said: Language, *, unrecorded: bool = False) -> Playbooks:
    """Ends the command with every mistake of every file; the loader words them in English."""
    if not folder.is_dir():
        fail(Words(zh=f"没有这个目录:{folder}", en=f"no such folder: {folder}"), said)
    try:
        return load_playbooks(folder, unrecorded=unrecorded)
    except PlaybookMistake as wrong:
        for mistake in wrong.mistakes:
            typer.echo(f"{folder / mistake.file}:{mistake.line}: {mistake.text}", err=True)
        count = len(wrong.mistakes)
        fail(
            Words(zh=f"预案有 {count} 处错误,不能使用", en=f"mistakes: {count}; these playbooks cannot work"), said
        )


def misfits_of(estates: Sequence[Estate], texts: Mapping[str, str], said: Language) -> list[Mistake]:
    """What estates set otherwise and may not; `texts` are their files, by name and in the same order."""
    if not any(estate.overrides or estate.waits for estate in estates):
        return []
    books = load(folder_of(None), said)
    pairs = zip(estates, texts.items(), strict=True)
    return [mistake for estate, (file, text) in pairs for mistake in misfits(estate, text, file, books)]
