"""Channels of estates' files that no device could be reached by: an unknown kind, or options it does not take."""

from collections.abc import Mapping, Sequence

from services.notify.channels.table import mistakes
from shared.contracts.event import Words
from shared.domain.estates.lines import Lines
from shared.domain.estates.loading import Mistake
from shared.domain.estates.roster import Estate


def unusable_channels(estates: Sequence[Estate], texts: Mapping[str, str]) -> list[Mistake]:
    """Each named with file, line and field; `texts` are the estates' files, by name and in the same order."""
    return [
        Mistake(file, Lines(text).find("channels", row, field), f"channels#{row}.{field}", Words(zh=why, en=why))
        for estate, (file, text) in zip(estates, texts.items(), strict=True)
        for row, field, why in mistakes(estate)
    ]
