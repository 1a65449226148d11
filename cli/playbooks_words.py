"""How `baoshi playbooks` says what a playbook holds, and what is different."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from cli.language import Language
from shared.domain.playbooks.differing import Difference
from shared.domain.playbooks.format import Playbook


def counted(book: Playbook, said: Language) -> str:
    """One line a class: what it holds, common and included rows too."""
    outcomes = sum(len(step.outcomes) for step in book.steps.values())
    limits = sum(len(step.limits) for step in book.steps.values())
    figures = (len(book.steps), outcomes, limits, len(book.notices))
    if said == "zh":
        numbers = "步骤 {},结果 {},时限 {},通知 {}".format(*figures)
        return f"{book.playbook} {book.zh} 第 {book.version} 版:{numbers}"
    numbers = "{} steps, {} outcomes, {} limits, {} notices".format(*figures)
    return f"{book.playbook} {book.en} version {book.version}: {numbers}"


def titled(name: str, said: Language, missing: str = "") -> str:
    """A class, or the waits of the ladders; `missing`: the side that has no such class."""
    if missing:
        words = {"old": ("现行预案没有", "only there"), "new": ("对方没有", "only here")}[missing]
        return f"{name}: {words[0] if said == 'zh' else words[1]}"
    if name == "waits":
        return "逐级等待" if said == "zh" else "waits of the ladders"
    return name


def different(rows: Iterable[Difference], said: Language) -> Iterator[str]:
    """Step by step: old → new, each with where it comes from."""
    for of, found in groupby(rows, key=lambda row: (row.of, row.clause)):
        name, clause = of
        if name:
            yield f"  {name} {' '.join(clause)}".rstrip()
        yield from (f"    {_line(row, said)}" for row in found)


def _line(row: Difference, said: Language) -> str:
    old, new = row.src
    what = row.what or ("整行" if said == "zh" else "the row")
    if old == new:
        return f"{what}: {row.old} → {row.new}{_mark(old)}"
    return f"{what}: {row.old}{_mark(old)} → {row.new}{_mark(new)}"


def _mark(src: str) -> str:
    return f" [{src}]" if src else ""


def same(said: Language) -> str:
    return "没有差别" if said == "zh" else "no difference"
