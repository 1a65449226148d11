"""All kinds of channels, a line each. A further one is a file beside these, a line here and a test."""

from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from services.notify.channels.channel import Channel, Options
from services.notify.channels.espa import Espa
from services.notify.channels.everything import Everything
from services.notify.channels.mqtt import Mqtt
from services.notify.channels.sip import Sip
from services.notify.channels.sms import Sms
from services.notify.channels.snpp import Snpp
from services.notify.channels.webhook import Webhook
from shared.domain.estates.devices import DeviceChannel
from shared.domain.estates.roster import Estate
from shared.domain.notifying.can import Can
from shared.domain.same import Same

CHANNELS: dict[str, type[Channel[Any]]] = {
    "apprise": Everything,
    "espa": Espa,
    "mqtt": Mqtt,
    "sip": Sip,
    "sms": Sms,
    "snpp": Snpp,
    "webhook": Webhook,
}


def options_of(row: DeviceChannel) -> Options | None:
    """What the row says, checked; None where nothing can be made of it, which `mistakes` says in words."""
    return _options(Same(row))


def can_of(row: DeviceChannel) -> Can | None:
    """What a channel can do, as its options and its row have it; None: it cannot be used."""
    return _can(Same(row))


@lru_cache(maxsize=1024)
def _options(key: Same[DeviceChannel]) -> Options | None:
    kind = CHANNELS.get(key.it.kind)
    try:
        return kind.takes.model_validate(key.it.options) if kind else None
    except ValidationError:
        return None


@lru_cache(maxsize=1024)
def _can(key: Same[DeviceChannel]) -> Can | None:
    options = _options(key)
    if options is None:
        return None
    can = CHANNELS[key.it.kind].can(options)
    return can if key.it.open is None else can._replace(open=key.it.open)


def can_at_speed(speed: float, row: DeviceChannel) -> Can | None:
    """Devices are not faster where a demo's clock is: they are waited for in real time."""
    can = can_of(row)
    return can._replace(wait_s=(can.wait_s[0] * speed, can.wait_s[1] * speed)) if can else None


def mistakes(estate: Estate) -> list[tuple[int, str, str]]:
    """Row, field and what is wrong, of every channel that could not be used; for `baoshi estates check`."""
    found: list[tuple[int, str, str]] = []
    for number, row in enumerate(estate.channels, start=1):
        kind = CHANNELS.get(row.kind)
        if kind is None:
            found.append((number, "kind", f"{row.kind}: {', '.join(CHANNELS)}"))
            continue
        try:
            kind.takes.model_validate(row.options)
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False, include_input=False):
                found.append((number, "options." + ".".join(map(str, error["loc"])), error["msg"]))
    return found
