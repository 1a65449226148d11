"""MongoDB: one client a process, every write `w: majority, j: true`, times aware and in UTC."""

import errno
from typing import Any

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern

from shared.platform.settings import Settings

Document = dict[str, Any]
Database = AsyncDatabase[Document]

DUPLICATE_KEY = 11000
_OUT_OF_DISK = 14031
_OTHER_OPTIONS = 85
_PASSING = frozenset(
    {
        *(6, 7, 43, 63, 64, 79, 89, 91, 112, 134, 150, 175, 189, 234, 262, 365),
        *(9001, 10107, 11600, 11601, 11602, 13435, 13436, _OUT_OF_DISK),
    }
)
"""Codes of a changed primary, a shutdown, a lost connection, a time-out, a write conflict in a transaction."""
_PASSING_LABELS = ("TransientTransactionError", "RetryableWriteError")


def connect(settings: Settings) -> AsyncMongoClient[Document]:
    """Does not wait for the server; the first command does, 2 s at most."""
    return AsyncMongoClient(
        settings.mongo,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        retryWrites=True,
        serverSelectionTimeoutMS=2000,
        connectTimeoutMS=2000,
        socketTimeoutMS=20_000,
        appname="baoshi",
    )


def database(client: AsyncMongoClient[Document], settings: Settings) -> Database:
    return client.get_database(
        settings.mongo_database,
        codec_options=CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD),
        write_concern=WriteConcern(w="majority", j=True),
        read_concern=ReadConcern("majority"),
    )


def passes(error: BaseException) -> bool:
    """Whether the fault goes away by itself and the same write is to be tried again, without end."""
    if isinstance(error, BulkWriteError):
        problems = [*error.details.get("writeErrors", []), *error.details.get("writeConcernErrors", [])]
        return bool(problems) and all(p.get("code") in _PASSING for p in problems)
    if isinstance(error, (AutoReconnect, ConnectionFailure, ExecutionTimeout, WriteConcernError)):
        return True
    if isinstance(error, OperationFailure):
        return error.code in _PASSING or any(map(error.has_error_label, _PASSING_LABELS))
    if isinstance(error, PyMongoError):
        return bool(error.timeout)
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.ECONNREFUSED, errno.ECONNRESET}


async def keep_for(seconds: int, collection: AsyncCollection[Document], field: str, name: str) -> None:
    """The index by which MongoDB removes what is older; one that kept for another time is changed."""
    try:
        await collection.create_index(field, name=name, expireAfterSeconds=seconds)
    except OperationFailure as refused:
        if refused.code != _OTHER_OPTIONS:
            raise
        index = {"name": name, "expireAfterSeconds": seconds}
        await collection.database.command("collMod", collection.name, index=index)


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether all that went wrong is that it stood there already."""
    problems = error.details.get("writeErrors", [])
    return bool(problems) and all(p.get("code") == DUPLICATE_KEY for p in problems)
