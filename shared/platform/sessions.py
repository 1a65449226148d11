"""Signed sessions: a token that every service checks by itself, ended everywhere within 30 s by MongoDB's list."""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.vocabulary import ROLES, Role
from shared.platform.admin_key import ensure_session_key
from shared.platform.caller import EVERYWHERE, Caller
from shared.platform.mongo import Database
from shared.platform.revoked import LONGEST_HOURS, Revoked
from shared.platform.settings import Settings
from shared.platform.signed import Signed

COOKIE = "baoshi_session"


class Who(NamedTuple):
    """Whose session it is to be. `grants`: roles by estate, or by `*`; `post`: of a post's own page.

    `serial` rises with each change of what the subject may do: a sign-in that was under way is over with the rest.
    """

    subject: str
    name: str
    grants: Mapping[str, frozenset[Role]]
    persons: Mapping[str, str]
    post: str | None = None
    serial: int = 0


class Session(NamedTuple):
    token: str
    id: str
    csrf: str
    ends_at: datetime


class Sessions:
    """One a process. `seconds` is the real time of day; a demo's fast clock does not count here."""

    def __init__(
        self,
        key: str,
        database: Database,
        check_s: float,
        seconds: Callable[[], float] = time.time,
        snapshot: Path | None = None,
    ) -> None:
        self._signed = Signed(key, "session", seconds)
        self.revoked = Revoked(database, check_s, snapshot)

    def issue(self, who: Who, hours: float) -> Session:
        """A new session, from now."""
        session_id, hours = secrets.token_urlsafe(16), min(hours, LONGEST_HOURS)
        claims: dict[str, Any] = {
            "sub": who.subject,
            "sid": session_id,
            "serial": who.serial,
            "name": who.name,
            "grants": {estate: sorted(roles) for estate, roles in who.grants.items()},
            "persons": dict(who.persons),
            **({"post": who.post} if who.post else {}),
        }
        ends_at = datetime.fromtimestamp(self._signed.seconds() + hours * 3600, UTC)
        return Session(self._signed.seal(claims, hours * 3600), session_id, self.csrf_of(session_id), ends_at)

    async def read(self, token: str) -> Caller | None:
        """None for anything that is forged, over, or ended; a role that this release does not know is left out.

        So is an estate in which no role is left: nobody enters it.
        """
        claims = self._signed.open(token)
        if claims is None or await self.revoked.holds(claims):
            return None
        return self._caller(claims)

    async def end(self, session_id: str) -> None:
        """This session, at every service within the list's age. Raises MongoDB's errors."""
        await self.revoked.add(session_id)

    async def end_all_of(self, subject: str, below: int, session: AsyncClientSession | None = None) -> None:
        """All of a lower serial: after a new password, other roles, or a lost phone. Raises MongoDB's errors."""
        await self.revoked.add(subject, below, session)

    def csrf_of(self, session_id: str) -> str:
        """What a page's script sends along, and another site's cannot know."""
        return self._signed.mark_of(session_id)

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        held = {e: frozenset(r for r in ROLES if r in roles) for e, roles in claims["grants"].items()}
        grants = {estate: roles for estate, roles in held.items() if roles}
        return Caller(
            key_id=claims["sub"],
            estates=None if EVERYWHERE in grants else frozenset(grants),
            roles=frozenset[Role]().union(*grants.values()),
            grants=grants,
            name=claims["name"],
            persons=claims["persons"],
            post=claims.get("post"),
            session=claims["sid"],
            csrf=self.csrf_of(claims["sid"]),
        )


def sessions_of(settings: Settings, database: Database) -> Sessions:
    """As every service of the installation has them."""
    key, snapshot = ensure_session_key(settings), settings.state_dir / "revoked.json"
    return Sessions(key, database, settings.session_check_s, snapshot=snapshot)
