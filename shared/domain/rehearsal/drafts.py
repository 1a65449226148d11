"""Estates' files that are only tried: read and checked as those that are applied."""

from collections.abc import Mapping

from shared.domain.estates.loading import EstateMistakes, read_estates
from shared.domain.estates.overrides import misfits
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks


def read_drafts(texts: Mapping[str, str], playbooks: Playbooks) -> dict[str, Estate]:
    """By their codes. Raises `EstateMistakes`: their own, and what does not fit the playbooks that are tried."""
    estates = read_estates(texts)
    pairs = zip(estates, texts.items(), strict=True)
    wrong = [mistake for estate, (file, text) in pairs for mistake in misfits(estate, text, file, playbooks)]
    if wrong:
        raise EstateMistakes(tuple(wrong))
    return {estate.estate: estate for estate in estates}
