"""Writing the directory: what `baoshi estates` does. All or nothing, and the same file again changes nothing."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple

from pydantic import ValidationError
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

from shared.contracts.event import Words
from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Estate, Key
from shared.platform.admin_key import hash_of
from shared.platform.directory import ESTATES, estate_of
from shared.platform.errors import Rejected
from shared.platform.mongo import Database, Document

Change = Literal["added", "changed", "unchanged"]


class Applied(NamedTuple):
    """What became of one estate."""

    code: str
    change: Change
    revision: int


class Stored(NamedTuple):
    """An estate as the directory has it."""

    estate: Estate
    revision: int
    applied_at: datetime | None = None


def digest_of(estate: Estate) -> str:
    """Of what the file says, not of how: comments, order of keys and spelled-out defaults change nothing."""
    return sha256(estate.model_dump_json(exclude_defaults=True).encode()).hexdigest()


async def apply_estates(database: Database, estates: Sequence[Estate]) -> tuple[Applied, ...]:
    """In one transaction. Keys added by `add_key` stay; raises `Rejected` where one has the id of a file's key."""

    async def work(session: AsyncClientSession) -> tuple[Applied, ...]:
        return tuple([await _apply(database[ESTATES], session, estate) for estate in estates])

    async with database.client.start_session() as session:
        return await session.with_transaction(work)


async def _apply(collection: AsyncCollection[Document], session: AsyncClientSession, estate: Estate) -> Applied:
    stored = await collection.find_one({"_id": estate.estate}, session=session)
    digest = digest_of(estate)
    if stored and stored["digest"] == digest:
        return Applied(estate.estate, "unchanged", stored["revision"])
    taken = {key["id"] for key in (stored or {}).get("keys", ())} & {key.id for key in estate.keys}
    if taken:
        raise _key_taken(estate.estate, min(taken))
    revision = stored["revision"] + 1 if stored else 1
    content = {"digest": digest, "revision": revision, "content": estate.model_dump(mode="json")}
    update = {"$set": content, "$setOnInsert": {"keys": []}, "$currentDate": {"applied_at": True}}
    await collection.update_one({"_id": estate.estate}, update, upsert=True, session=session)
    return Applied(estate.estate, "changed" if stored else "added", revision)


async def stored_estates(database: Database) -> tuple[Stored, ...]:
    """All estates, sorted by code."""
    documents = database[ESTATES].find().sort("_id")
    return tuple([Stored(estate_of(d), d["revision"], d.get("applied_at")) async for d in documents])


async def stored_estate(database: Database, code: str) -> Stored:
    """Raises `Rejected` for an estate that was never applied."""
    document = await database[ESTATES].find_one({"_id": code})
    if document is None:
        raise _no_estate(code)
    return Stored(estate_of(document), document["revision"], document.get("applied_at"))


async def add_key(
    database: Database, code: str, roles: Sequence[Role], key_id: str | None = None, note: str = ""
) -> tuple[Key, str]:
    """The key and its secret, which is kept nowhere. Raises `Rejected` for an unknown estate or a taken id."""
    secret = secrets.token_urlsafe(32)
    chosen = key_id or f"key-{secrets.token_hex(4)}"
    key = _key(chosen, hash_of(secret), roles, note)
    free = {"_id": code, "keys.id": {"$ne": chosen}, "content.keys.id": {"$ne": chosen}}
    done = await database[ESTATES].update_one(free, {"$push": {"keys": key.model_dump(mode="json")}})
    if not done.matched_count:
        await stored_estate(database, code)
        raise _key_taken(code, chosen)
    return key, secret


def _key(key_id: str, digest: str, roles: Sequence[Role], note: str) -> Key:
    try:
        return Key(id=key_id, sha256=digest, roles=tuple(dict.fromkeys(roles)), note=note)
    except ValidationError as wrong:
        words = Words(zh="编号为小写字母、数字和连字符", en="an id is lower-case letters, digits and hyphens")
        raise Rejected(422, "key_id", words, "id") from wrong


async def remove_key(database: Database, code: str, key_id: str) -> bool:
    """False when no such key was added; a key that stands in the estate's file goes with the file."""
    done = await database[ESTATES].update_one({"_id": code}, {"$pull": {"keys": {"id": key_id}}})
    return done.modified_count == 1


def _no_estate(code: str) -> Rejected:
    words = Words(zh=f"没有小区 {code}", en=f"there is no estate {code}")
    return Rejected(404, "no_estate", words, "estate")


def _key_taken(code: str, key_id: str) -> Rejected:
    words = Words(zh=f"{code} 已有密钥 {key_id}", en=f"{code} has a key {key_id} already")
    return Rejected(409, "key_taken", words, "id")
