"""How every word of a drill begins, whoever says it (SOP S2a)."""

from shared.contracts.event import Words

DRILL = Words(zh="演习:", en="DRILL ")


def as_drill(words: Words) -> Words:
    """The same words behind the mark."""
    return Words(zh=DRILL.zh + words.zh, en=DRILL.en + words.en)
