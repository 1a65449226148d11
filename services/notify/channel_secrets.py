"""Secrets of channels, by the names that estates' files use: from the environment or a file, nowhere else."""

import os
from collections.abc import Mapping
from pathlib import Path

PREFIX = "BAOSHI_SECRET_"


def secret_named(name: str, folder: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """`BAOSHI_SECRET_<NAME>` before the file `<folder>/<name>`; None where there is neither."""
    found = environ.get(PREFIX + name.upper().replace("-", "_"))
    if found:
        return found
    try:
        return (folder / name).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
