"""Reading the repository's own documents."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def in_ticks(words: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", words)


def rows(document: str, under: str) -> list[list[str]]:
    """Cells of the table whose head starts with `under`."""
    lines = document.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(under))
    table = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table
