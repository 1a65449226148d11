"""The households of estates in MongoDB: the desk's list, which stands nowhere else."""

from collections.abc import Sequence
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.domain.estates.households import Household
from shared.domain.estates.rooms import Room
from shared.platform.mongo import Database

COLLECTION = "households"


async def replace_households(database: Database, estate: str, rows: Sequence[tuple[Room, Household]]) -> int:
    """The estate's whole list in one transaction; how many rows it had before."""
    collection = database[COLLECTION]
    documents = [
        {"_id": f"{estate}|{room.building}|{room.unit or ''}|{room.number}", "estate": estate, **room._asdict()}
        | {"household": household.model_dump()}
        for room, household in rows
    ]

    async def work(session: AsyncClientSession) -> int:
        gone = await collection.delete_many({"estate": estate}, session=session)
        if documents:
            await collection.insert_many(documents, session=session)
        return gone.deleted_count

    async with database.client.start_session() as session:
        return await session.with_transaction(work)


async def households_of(database: Database, estate: str, room: Room) -> list[dict[str, Any]]:
    """The rows that may be this room."""
    query = {"estate": estate, "building": room.building, "number": room.number}
    found = [
        document
        async for document in database[COLLECTION].find(query).sort("_id")
        if room.may_be(Room(document["building"], document["unit"], document["number"]))
    ]
    return [document["household"] for document in found]


async def household_count(database: Database, estate: str) -> int:
    return await database[COLLECTION].count_documents({"estate": estate})


async def prepare_households(database: Database) -> None:
    """The index by which a room is found."""
    await database[COLLECTION].create_index([("estate", 1), ("building", 1), ("number", 1)], name="room")
