"""Devices of the tests' estate: everybody has a pager, posts may have a radio besides."""

from collections.abc import Iterable

from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.roster import Estate
from tests.support.estate import STAFF

PAGERS = {person: f"10{n:02d}" for n, person in enumerate(STAFF)}
"""Each person's pager number."""


def with_pagers(
    estate: Estate, port: int, *more: Device, channels: Iterable[DeviceChannel] = (), **options: object
) -> Estate:
    """`more` are tried before the pagers; `options` are the pager channel's own."""
    pager = DeviceChannel.model_validate(
        {"id": "pager", "kind": "snpp", "options": {"host": "127.0.0.1", "port": port, **options}}
    )
    people = {person.id for person in estate.people}
    own = tuple(
        Device(id=f"pager-{person}", channel="pager", address=number, person=person)
        for person, number in PAGERS.items()
        if person in people
    )
    return estate.model_copy(update={"channels": (pager, *channels), "devices": (*more, *own)})
