"""A rehearsal in a terminal: what a resident wrote is text there, too."""

from rich.console import Console

from cli.rehearse_table import table


def test_markup_in_words_is_neither_obeyed_nor_a_fault() -> None:
    to = {"role": "guard", "post": None, "person": None}
    words = {"zh": "3栋[/b][red]1202", "en": "3栋[/b][red]1202"}
    told = {
        "cause": "task",
        "what": "go.1",
        "about": None,
        "limit": None,
        "clock": "12-01 09:00:00",
        "words": words,
    }
    row = {"status": "only_now", "by_s": None, "reworded": False, "then": None, "now": {**told, **to}}
    console = Console(width=150, record=True)
    console.print(table({"rows": [row], "unfit": [], "left_out": 0}, "en", whole=True))
    assert words["en"] in console.export_text()
