"""Every page there is, a row each: who serves it, who opens it, and what shows that it stands there whole."""

from typing import Literal, NamedTuple

from tests.support.page_files import ROOT

Reader = Literal["nobody", "desk", "gate", "head", "post"]
Service = Literal["intake", "register", "notify"]


class PageRow(NamedTuple):
    """`path`: `{report}` is an open emergency, `{estate}` the first estate, `{month}` the current one.

    `ready` is a selector of what is there only once the page has its data; `narrow`: the smallest size it is for;
    `keys` are pressed before its picture is taken.
    """

    name: str
    service: Service
    template: str
    path: str
    reader: Reader
    ready: str = "main h1"
    narrow: str = "phone"
    keys: tuple[str, ...] = ()


PAGES = (
    PageRow("session", "register", "session", "/session", "nobody", "main form button", "small-phone"),
    PageRow("account", "register", "session", "/session", "head", "main form button", "small-phone"),
    PageRow("desk", "intake", "desk", "/desk", "desk", "main button", keys=("1",)),
    PageRow("post", "notify", "post", "/post", "post", "main button", "small-phone"),
    PageRow("post-choice", "notify", "post_choose", "/post", "head", narrow="small-phone"),
    PageRow("board", "register", "board", "/board", "head", "main"),
    PageRow("report", "register", "report", "/reports/{report}", "head"),
    PageRow("register", "register", "register", "/register?estate={estate}&month={month}", "head"),
    PageRow("statistics", "register", "statistics", "/statistics?estate={estate}&month={month}", "head"),
    PageRow("rehearsal", "register", "rehearsal", "/rehearsal", "head"),
)
NO_PAGES = frozenset({"layout", "told", "desk_refused", "post_card", "post_open"})
"""Templates that no address leads to by itself: what pages are made of, and refusals."""


def templates() -> dict[str, list[str]]:
    """By page's template, the services that have it; one of `shared` is served by each."""
    found: dict[str, list[str]] = {}
    for service, folder in (
        ("shared", ROOT / "shared/platform/web/templates"),
        *((path.parent.name, path) for path in sorted(ROOT.glob("services/*/pages"))),
    ):
        for path in sorted(folder.glob("*.html")):
            if path.stem not in NO_PAGES and "{% extends" in path.read_text(encoding="utf-8"):
                found.setdefault(path.stem, []).append(service)
    return found


def there() -> list[PageRow]:
    """Rows whose page is there; that all of them are is a test of its own."""
    return [row for row in PAGES if row.template in templates()]
