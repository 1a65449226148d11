"""Who is on duty at all estates of the board; worked out once in a while for everybody who looks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.register.rosters import roster_of
from shared.contracts.vocabulary import ROLES
from shared.platform.directory import Directory

_AGE = timedelta(seconds=20)


class Duty:
    """One a process."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[tuple[str, bool], tuple[datetime, dict[str, Any]]] = {}

    async def of(self, codes: Iterable[str], named: frozenset[str] | None, now: datetime) -> list[dict[str, Any]]:
        """`named`: the estates whose people's names may be shown, None for all."""
        found = [await self._one(code, names=named is None or code in named, now=now) for code in codes]
        return [roster for roster in found if roster is not None]

    async def _one(self, code: str, *, names: bool, now: datetime) -> dict[str, Any] | None:
        at, roster = self._known.get((code, names), (None, {}))
        if at is not None and at <= now < at + _AGE:
            return roster
        estate = await self._directory.estate(code)
        if estate is None:
            return None
        roster = roster_of(estate, now, ROLES, names=names)
        roster["posts"] = [{"post": post.id, "zh": post.zh, "role": post.role} for post in estate.posts]
        self._known[code, names] = now, roster
        return roster
