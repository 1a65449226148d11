"""Whom a message reaches now: who holds the role at the moment of sending, and by which devices, in which order."""

from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import NamedTuple

from shared.contracts.event import Addressee
from shared.contracts.vocabulary import ROLES
from shared.domain.estates.devices import Device, DeviceChannel, Urgency
from shared.domain.estates.roster import Estate, holders, posts_of
from shared.domain.notifying.can import Can

CanOf = Callable[[DeviceChannel], Can | None]
"""None: this installation knows no such kind of channel, or cannot read its options."""


class Owners(NamedTuple):
    """Who is meant: persons, and the posts at which they are now."""

    persons: frozenset[str]
    posts: frozenset[str]


class Way(NamedTuple):
    """One device, the channel it hangs on, and what that can do."""

    device: Device
    channel: DeviceChannel
    can: Can


def owners(estate: Estate, to: Addressee, now: datetime, *, by_name: bool = False) -> Owners:
    """Who holds the role at this moment; the person it was meant for as long as he does, or when it is his by name.

    Else whoever is at his post, or the next who holds the role. A post or a role that nobody holds still has
    devices, which somebody may hear.
    """
    on_duty = holders(estate, to.role, now, department=to.department)
    if to.person and (by_name or any(h.person == to.person for h in on_duty)):
        posts = _posts_held(estate, to.person, now) or ({to.post} if to.post and by_name else set())
        return Owners(frozenset({to.person}), frozenset(posts))
    found = [h for h in on_duty if to.post in (None, h.post)]
    if to.person:
        found = (found or list(on_duty))[:1]
    here = {to.post} if to.post else {h.post for h in found if h.post}
    if not found and not here:
        here = {post.id for post in posts_of(estate, to.role) if to.department in (None, post.department)}
    return Owners(frozenset(h.person for h in found), frozenset(here))


def _posts_held(estate: Estate, person: str, now: datetime) -> set[str]:
    """At night one person holds several roles, and sits at one of their posts: all of them are rung."""
    return {h.post for role in ROLES for h in holders(estate, role, now) if h.person == person and h.post}


def ways(estate: Estate, whose: Owners, urgency: Urgency, now: datetime, can: CanOf) -> list[Way]:
    """In the order of the file's rows, those that are for this urgency and this hour."""
    channels = {channel.id: channel for channel in estate.channels}
    local = now.astimezone(estate.zone).time()
    return list(_usable((d for d in estate.devices if _is_for(d, whose, urgency, local)), channels, can))


def _usable(devices: Iterable[Device], channels: dict[str, DeviceChannel], can: CanOf) -> Iterable[Way]:
    for device in devices:
        channel = channels.get(device.channel)
        able = can(channel) if channel else None
        if channel and able:
            yield Way(device, channel, able)


def _is_for(device: Device, whose: Owners, urgency: Urgency, local: time) -> bool:
    belongs = device.person in whose.persons or device.post in whose.posts
    return belongs and urgency in device.urgencies and (device.hours is None or is_within(*device.hours, local))


def is_within(start: time, end: time, at: time) -> bool:
    """Over midnight when the end is not later than the start."""
    return start <= at < end if start < end else at >= start or at < end


def may_be_tested(hours: tuple[time, time] | None, at: time, first: time) -> bool:
    """From `first` on, and in the device's own hours; one whose hours are over by then is tested within them."""
    if hours is None:
        return at >= first
    start, end = hours
    is_over_by_then = start < end <= first
    return is_within(start, end, at) and (at >= first or is_over_by_then)


def quiet_until(estate: Estate, now: datetime) -> datetime | None:
    """The end of the quiet hours, if these are some: the morning's list waits for it (PLAYBOOKS 0.5, 8)."""
    local, quiet = now.astimezone(estate.zone), estate.quiet
    if quiet.start == quiet.end or not is_within(quiet.start, quiet.end, local.time()):
        return None
    end = datetime.combine(local.date(), quiet.end, estate.zone)
    if end <= local:
        end = datetime.fromordinal(local.date().toordinal() + 1).replace(
            hour=quiet.end.hour, minute=quiet.end.minute, tzinfo=estate.zone
        )
    return end.astimezone(now.tzinfo)
