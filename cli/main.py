"""`baoshi`: one command a file; this file only puts them together."""

from collections.abc import Callable

import typer

from cli import (
    audit,
    channels,
    demo,
    docs,
    estates,
    handheld,
    households,
    pagers,
    parked,
    playbooks,
    posts,
    rehearse,
    roster,
    stack,
    statistics,
    trace,
    users,
)

MOUNTS: tuple[Callable[[typer.Typer], None], ...] = (
    stack.mount,
    demo.mount,
    estates.mount,
    households.mount,
    roster.mount,
    users.mount,
    posts.mount,
    channels.mount,
    handheld.mount,
    pagers.mount,
    playbooks.mount,
    trace.mount,
    statistics.mount,
    rehearse.mount,
    parked.mount,
    audit.mount,
    docs.mount,
)
"""Each adds its commands. A new command is one file with a `mount(app)`, and its line here."""


def build() -> typer.Typer:
    """All commands of the command line."""
    app = typer.Typer(
        name="baoshi",
        help="Residents' reports · 住户报事",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    for mount in MOUNTS:
        mount(app)
    return app


def _nothing() -> None:
    """Residents' reports · 住户报事."""


def main() -> None:
    build()()


if __name__ == "__main__":
    main()
