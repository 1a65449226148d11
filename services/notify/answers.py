"""What each answer was taken for, kept before it is said: heard again it is the same, whatever is open by then."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from shared.platform.mongo import Database, Document
from shared.platform.records import Outgoing

_KEPT_S = 7 * 86_400


class Answers:
    """By the answer's event id: the records that say it."""

    def __init__(self, database: Database) -> None:
        self._found = database.get_collection("notify_answers")

    async def prepare(self) -> None:
        await self._found.create_index("real_at", name="kept", expireAfterSeconds=_KEPT_S)

    async def kept(self, event_id: UUID) -> list[Outgoing] | None:
        """None: it is heard for the first time."""
        found = await self._found.find_one({"_id": event_id})
        return [_record(row) for row in found["records"]] if found else None

    async def keep(self, event_id: UUID, records: Sequence[Outgoing]) -> list[Outgoing]:
        """Those that were kept first, where another process heard it too."""
        rows = [record._asdict() for record in records]
        try:
            await self._found.insert_one({"_id": event_id, "records": rows, "real_at": datetime.now(UTC)})
        except DuplicateKeyError:
            return await self.kept(event_id) or list(records)
        return list(records)


def _record(row: Document) -> Outgoing:
    return Outgoing(row["topic"], row["key"], row["value"], [(name, value) for name, value in row["headers"]])
