"""Estates, rosters and keys, read from MongoDB through a cache of at most 30 s (ARCHITECTURE).

While MongoDB is away the cache is kept, however old, and a process that starts then works from the snapshot file.
"""

import asyncio
import hmac
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pymongo
from pydantic import BaseModel, ValidationError
from pymongo.errors import PyMongoError

from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.roster import Estate, Key
from shared.domain.playbooks.own_rows import Override, OwnWaits
from shared.platform.admin_key import INSTALLATION, hash_of
from shared.platform.caller import Caller
from shared.platform.directory_snapshot import read_snapshot, write_snapshot
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.mongo import Database, Document

ESTATES = "estates"
_FIELDS = {"content": True, "keys": True, "revision": True}
_OWN_ROWS: dict[str, type[BaseModel]] = {
    "overrides": Override,
    "waits": OwnWaits,
    "channels": DeviceChannel,
    "devices": Device,
}
_PAUSE_S = 1.0
"""After a failed reading nobody asks again for so long."""


class _Known(NamedTuple):
    documents: dict[str, Document]
    estates: dict[str, Estate]
    admin_sha256: str | None


class Directory:
    """One a process. `seconds` is a monotonic clock; real time, the demo's fast clock does not count here."""

    def __init__(
        self,
        database: Database,
        snapshot: Path | None = None,
        max_age_s: float = 30.0,
        timeout_s: float = 2.0,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._snapshot = database, snapshot
        self._max_age_s, self._timeout_s, self._seconds = max_age_s, timeout_s, seconds
        self._known: _Known | None = None
        self._read_at, self._failed_at = -math.inf, -math.inf
        self._reading: asyncio.Task[None] | None = None

    @property
    def age_s(self) -> float:
        """Seconds since MongoDB was last read, by the process that wrote the snapshot if need be."""
        return self._seconds() - self._read_at

    async def estate(self, code: str) -> Estate | None:
        """Raises `Unavailable` only when neither MongoDB nor the snapshot was ever read; so do the others.

        One that is not known yet is looked for at once: the first emergency of an estate that was just applied must
        not find nobody on duty for as long as the cache lasts.
        """
        known = await self._current()
        if code not in known.estates and self.age_s > _PAUSE_S and (reading := self._begin()):
            await asyncio.shield(reading)
            known = await self._current()
        return known.estates.get(code)

    async def codes(self) -> tuple[str, ...]:
        """The codes of all estates, sorted."""
        return tuple(sorted((await self._current()).estates))

    async def by_secret(self, secret: str) -> Caller | None:
        """Compares with every key there is, each in constant time."""
        known, digest = await self._current(), hash_of(secret)
        if not secret:
            return None
        admin = hmac.compare_digest(known.admin_sha256 or "", digest)
        pairs = [(estate.estate, key) for estate in known.estates.values() for key in estate.keys]
        found = [(code, key) for code, key in pairs if hmac.compare_digest(key.sha256, digest)]
        return Caller("admin", None, frozenset(ROLES)) if admin else _caller(found)

    async def refresh(self) -> None:
        """Reads MongoDB now. Raises `Unavailable` when that fails and nothing is known from before."""
        try:
            with pymongo.timeout(self._timeout_s):
                documents = [document async for document in self._database[ESTATES].find({}, _FIELDS)]
                installation = await self._database[INSTALLATION].find_one({"_id": INSTALLATION})
        except PyMongoError as error:
            self._failed_at = self._seconds()
            log.warning("directory not read", error=type(error).__name__, seconds=self.age_s)
            await self._fall_back()
            return
        self._known = _learn(documents, (installation or {}).get("admin_sha256"), self._known)
        self._read_at, self._failed_at = self._seconds(), -math.inf
        await self._keep()

    async def _current(self) -> _Known:
        """Read again in the background from half the age on, so that callers wait only at the very start."""
        if self._known is None or self.age_s >= self._max_age_s / 2:
            reading = self._begin()
            if reading and (self._known is None or (self.age_s >= self._max_age_s and not self._failing)):
                await asyncio.shield(reading)
        if self._known is None:
            raise Unavailable("the directory was never read")
        return self._known

    @property
    def _failing(self) -> bool:
        return self._failed_at > -math.inf

    def _begin(self) -> asyncio.Task[None] | None:
        """One reading at a time."""
        if self._reading is None or self._reading.done():
            if self._known and self._seconds() - self._failed_at < _PAUSE_S:
                return None
            self._reading = asyncio.create_task(self.refresh())
        return self._reading

    async def _fall_back(self) -> None:
        if self._known is None and self._snapshot:
            content = await asyncio.to_thread(read_snapshot, self._snapshot)
            if content is not None:
                self._known = _learn(content["estates"], content.get("admin_sha256"), None)
                self._read_at = self._seconds() - max(0.0, time.time() - content["read_at"])
        if self._known is None:
            raise Unavailable("MongoDB does not answer, and there is no snapshot of the directory")

    async def _keep(self) -> None:
        if self._snapshot is None or self._known is None:
            return
        content: dict[str, Any] = {"read_at": time.time(), "admin_sha256": self._known.admin_sha256}
        content["estates"] = list(self._known.documents.values())
        try:
            await asyncio.to_thread(write_snapshot, self._snapshot, content)
        except OSError as error:
            log.error("directory snapshot not written", path=str(self._snapshot), error=type(error).__name__)


def estate_of(document: Document) -> Estate:
    """The estate of a stored document, its added keys included. A newer writer's fields are ignored.

    What it sets otherwise is read row by row: for one row that this release cannot read, its emergencies go by the
    playbook's, where without the estate nobody would hear of them.
    """
    content = document["content"]
    if isinstance(content, dict):
        readable = {section: _readable(str(document["_id"]), content, section) for section in _OWN_ROWS}
        content = {**content, **readable}
    estate = Estate.model_validate(content, extra="ignore")
    added = [Key.model_validate(key, extra="ignore") for key in document.get("keys", ())]
    return estate.model_copy(update={"keys": (*estate.keys, *added)})


def _readable(code: str, content: Document, section: str) -> list[BaseModel]:
    found: list[BaseModel] = []
    rows = content.get(section, [])
    if not isinstance(rows, list):
        log.error("estate row unreadable", estate=code, where=section, error=type(rows).__name__)
        return found
    for n, row in enumerate(rows, start=1):
        try:
            found.append(_OWN_ROWS[section].model_validate(row, extra="ignore"))
        except ValidationError as error:
            log.error("estate row unreadable", estate=code, where=f"{section}#{n}", error=type(error).__name__)
    return found


def _learn(documents: Iterable[Document], admin_sha256: str | None, before: _Known | None) -> _Known:
    """An estate that cannot be read keeps what was known of it, and hinders no other."""
    known = _Known({}, {}, admin_sha256)
    for document in documents:
        code = str(document["_id"])
        old = before.documents.get(code) if before else None
        try:
            estate = before.estates[code] if before and old == document else estate_of(document)
        except (ValidationError, KeyError) as error:
            log.error("estate unreadable", estate=code, error=type(error).__name__)
            if before is None or old is None:
                continue
            document, estate = old, before.estates[code]
        known.documents[code], known.estates[code] = document, estate
    return known


def _caller(found: list[tuple[str, Key]]) -> Caller | None:
    """One secret in several estates may do in each only what it may do in all."""
    if not found:
        return None
    code, first = found[0]
    roles = frozenset[Role](first.roles).intersection(*(key.roles for _, key in found))
    return Caller(f"{code}.{first.id}", frozenset(code for code, _ in found), roles)
