"""Each device's last sign of life, when it was tested, and whether it is silent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.estates.devices import Device
from shared.platform.mongo import Database, Document


class Devices:
    """In MongoDB, `<estate>/<device>` each; times are the wall clock's, in a demo too."""

    def __init__(self, database: Database) -> None:
        self._found = database.get_collection("notify_devices")

    async def seen(self, estate: str, device: Device) -> None:
        """Heard from now: it is neither lost nor silent."""
        change = {"$set": {**_about(estate, device), "seen_at": datetime.now(UTC)}, "$unset": _WELL}
        await self._found.update_one({"_id": f"{estate}/{device.id}"}, change, upsert=True)

    async def lost(self, estate: str, device: Device) -> None:
        """Its connection ended without a word; the first time counts until it is heard again."""
        await self._found.update_one(
            {"_id": f"{estate}/{device.id}"}, {"$set": _about(estate, device)}, upsert=True
        )
        first = {"_id": f"{estate}/{device.id}", "lost_at": {"$exists": False}}
        await self._found.update_one(first, {"$set": {"lost_at": datetime.now(UTC)}})

    async def long_lost(self, before: datetime) -> list[Document]:
        """Lost since before then, and nobody was told yet."""
        return [d async for d in self._found.find({"lost_at": {"$lte": before}, "told_at": {"$exists": False}})]

    async def told(self, row: Document) -> None:
        """Somebody was told of the loss; it is told again only after it came back."""
        same_loss = {"_id": row["_id"], "lost_at": row["lost_at"]}
        await self._found.update_one(same_loss, {"$set": {"told_at": datetime.now(UTC)}})

    async def tested(self, estate: str, device: Device, day: str) -> None:
        """The test of this day is on its way."""
        change = {"$set": {**_about(estate, device), "tested_on": day}}
        await self._found.update_one({"_id": f"{estate}/{device.id}"}, change, upsert=True)

    async def of(self, estate: str) -> Mapping[str, Document]:
        """By the device's id."""
        return {d["device"]: d async for d in self._found.find({"estate": estate})}


_WELL: dict[str, Any] = {"lost_at": "", "told_at": ""}


def _about(estate: str, device: Device) -> Document:
    return {"estate": estate, "device": device.id}
