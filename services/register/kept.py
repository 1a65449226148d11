"""What the register keeps or reads beside reports, each behind its own questions."""

from typing import NamedTuple

from services.register.handovers import Handovers
from shared.platform.mongo import Database


class Kept(NamedTuple):
    """One a process."""

    handovers: Handovers

    @classmethod
    def of(cls, database: Database) -> "Kept":
        return cls(Handovers(database))
