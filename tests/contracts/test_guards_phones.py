"""The guard's page on phones of some years ago, and without a network: nothing it loads is too new or not kept."""

import re
from collections.abc import Iterator
from pathlib import Path

from services.notify.post_page import SHARED_FILES
from tests.support.page_files import ROOT

_POST = ROOT / "services/notify/pages/assets/post"
_SHARED = ROOT / "shared/platform/web/assets"
_MADE = {"names-table.js"}
_TOO_NEW = re.compile(
    r"AbortSignal\.(timeout|any)|\.(toSorted|toReversed|toSpliced|findLast|findLastIndex|at)\("
    r"|structuredClone|groupBy\(|Object\.hasOwn|Promise\.withResolvers|static \{"
)
"""Of Chrome after 91."""
_IMPORTED = re.compile(r'(?:from|import) "/assets/([\w./-]+)"')


def _loaded() -> Iterator[Path]:
    seen: set[Path] = set()
    waiting = [*_POST.glob("*.js"), _SHARED / "session.js"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        yield path
        names = _IMPORTED.findall(path.read_text(encoding="utf-8"))
        waiting += [_SHARED / name for name in names if "/" not in name and name not in _MADE]


def test_the_guards_page_asks_for_nothing_that_old_phones_lack() -> None:
    comments = re.compile(r"//.*")
    found = {path.name: _TOO_NEW.findall(comments.sub("", path.read_text(encoding="utf-8"))) for path in _loaded()}
    assert not {name: what for name, what in found.items() if what}


def test_all_that_the_guards_page_loads_is_kept_for_when_there_is_no_network() -> None:
    shared = {path.name for path in _loaded() if path.parent == _SHARED}
    assert shared <= set(SHARED_FILES) and len(shared) > 5
