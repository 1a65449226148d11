"""Staying connected to an MQTT broker: one connection after another, with a pause that grows."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn

from services.notify.channels.mqtt_link import Broker, Denied, Link, LinkLost, Stay
from shared.platform.logs import log

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 15.0
_STEADY_S = 10.0


async def stay_connected(
    broker: Broker,
    stay: Stay,
    work: Callable[[Link], Awaitable[None]],
    denied: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Does `work` on each connection, without end; `denied` is told when the broker does not let us in.

    The pause begins anew only after a connection that lasted: two with one client id do not chase one another.
    """
    wait = _FIRST_WAIT_S
    while True:
        link, began = Link(broker, stay), time.monotonic()
        try:
            await link.open()
            await work(link)
        except (OSError, TimeoutError) as error:
            word = str(error) if isinstance(error, LinkLost) else type(error).__name__
            log.warning("no connection to the broker", name=stay.client_id, reason=word)
            if isinstance(error, Denied):
                denied()
        finally:
            link.close()
        wait = _FIRST_WAIT_S if time.monotonic() - began > _STEADY_S else wait
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))
        wait = min(wait * 2, _LONGEST_WAIT_S)
