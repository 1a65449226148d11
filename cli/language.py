"""Chinese or English: as asked, else as the terminal's environment says."""

import os
from typing import Annotated, Literal

import typer

Language = Literal["zh", "en"]
Lang = Annotated[Language | None, typer.Option("--lang", help="zh or en; default from LANG · 默认取自 LANG")]


def language(chosen: Language | None) -> Language:
    """English unless LC_ALL, LC_MESSAGES or LANG, the first that is set, names Chinese."""
    if chosen:
        return chosen
    found = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if found.lower().startswith("zh") else "en"
