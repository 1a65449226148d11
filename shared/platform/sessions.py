"""Signed sessions: a token that every service checks by itself, ended everywhere within 30 s by a list in MongoDB.

The token is a JWT (RFC 7519, HS256). While MongoDB is away the list is kept as it was read last, so that the desk
works on.
"""

import asyncio
import hmac
import math
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import pymongo
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pymongo.errors import PyMongoError

from shared.contracts.vocabulary import ROLES, Role
from shared.platform.caller import Caller
from shared.platform.logs import log
from shared.platform.mongo import Database, Document

COOKIE = "baoshi_session"
EVERYWHERE = "*"
"""Among grants: every estate there is."""
_REVOKED = "revoked"
_ALGORITHM = "HS256"
_TIMEOUT_S = 1.0


class Who(NamedTuple):
    """Whose session it is to be. `grants`: roles by estate, or by `*`; `post`: of a post's own page."""

    subject: str
    name: str
    grants: Mapping[str, frozenset[Role]]
    persons: Mapping[str, str]
    post: str | None = None


class Session(NamedTuple):
    token: str
    id: str
    csrf: str
    ends_at: datetime


class Sessions:
    """One a process. `seconds` is the real time of day; a demo's fast clock does not count here."""

    def __init__(self, key: str, database: Database, check_s: float, seconds: Any = time.time) -> None:
        self._key, self._secret = OctKey.import_key(key), key.encode()
        self._revoked = Revoked(database, check_s)
        self._seconds = seconds

    def issue(self, who: Who, hours: float) -> Session:
        """A new session, from now."""
        session_id, now = secrets.token_urlsafe(16), self._seconds()
        claims: dict[str, Any] = {
            "sub": who.subject,
            "sid": session_id,
            "iat": now,
            "exp": math.ceil(now + hours * 3600),
            "name": who.name,
            "grants": {estate: sorted(roles) for estate, roles in who.grants.items()},
            "persons": dict(who.persons),
            **({"post": who.post} if who.post else {}),
        }
        token = jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM])
        return Session(token, session_id, self.csrf_of(session_id), datetime.fromtimestamp(claims["exp"], UTC))

    async def read(self, token: str) -> Caller | None:
        """None for anything that is forged, over, or ended; a role that this release does not know is left out."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        if claims["exp"] <= self._seconds() or await self._revoked.holds(claims):
            return None
        return self._caller(claims)

    async def end(self, session_id: str, hours: float) -> None:
        """This session, at every service within the list's age. Raises `Unavailable` family errors of MongoDB."""
        await self._revoked.add(session_id, hours)

    async def end_all_of(self, subject: str, hours: float) -> None:
        """All that the subject has begun until now: after a new password, other roles, or a lost phone."""
        await self._revoked.add(subject, hours)

    def csrf_of(self, session_id: str) -> str:
        """What a page's script sends along, and another site's cannot know."""
        return hmac.new(self._secret, f"csrf|{session_id}".encode(), sha256).hexdigest()

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        grants = {e: frozenset(r for r in ROLES if r in roles) for e, roles in claims["grants"].items()}
        everywhere = grants.get(EVERYWHERE)
        return Caller(
            key_id=claims["sub"],
            estates=None if everywhere is not None else frozenset(grants),
            roles=frozenset[Role]().union(*grants.values()),
            grants={} if everywhere is not None else grants,
            name=claims["name"],
            persons=claims["persons"],
            post=claims.get("post"),
            session=claims["sid"],
            csrf=self.csrf_of(claims["sid"]),
        )


class Revoked:
    """Sessions and subjects that were ended before their time; read again when the list is older than `check_s`."""

    def __init__(self, database: Database, check_s: float) -> None:
        self._found, self._check_s = database.get_collection(_REVOKED), check_s
        self._since: dict[str, float] = {}
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def holds(self, claims: Mapping[str, Any]) -> bool:
        await self._refresh()
        ended = self._since.get(claims["sub"], -math.inf)
        return claims["sid"] in self._since or float(claims["iat"]) <= ended

    async def add(self, what: str, hours: float) -> None:
        now = datetime.now(UTC)
        until = now + timedelta(hours=hours + 1)
        await self._found.create_index("until", name="until", expireAfterSeconds=0)
        await self._found.update_one({"_id": what}, {"$set": {"at": now, "until": until}}, upsert=True)
        self._since[what] = now.timestamp()

    async def _refresh(self) -> None:
        """One reading at a time; a failed one counts too, or each request would wait for a MongoDB that is away."""
        if time.monotonic() - self._read_at < self._check_s:
            return
        async with self._reading:
            if time.monotonic() - self._read_at < self._check_s:
                return
            try:
                with pymongo.timeout(_TIMEOUT_S):
                    found: list[Document] = await self._found.find({}).to_list()
                self._since = {str(d["_id"]): d["at"].timestamp() for d in found}
            except PyMongoError as error:
                log.warning("revoked sessions not read", error=type(error).__name__)
            self._read_at = time.monotonic()
