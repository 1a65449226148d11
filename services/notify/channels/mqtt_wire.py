"""Paho's socket under asyncio's loop, over paho's own calls for other event loops; it knows nothing of messages."""

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from paho.mqtt import client as paho

from shared.platform.logs import log

_TICK_S = 1.0


class Wire:
    """Reads, writes and keeps alive from `open` until `hang_up`. `ended` is called when it can do so no more."""

    def __init__(self, client: paho.Client, ended: Callable[[str], None]) -> None:
        self._client, self._ended = client, ended
        self._loop = asyncio.get_running_loop()
        self._connecting: asyncio.Future[None] | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._is_attached = self._is_over = False

    async def open(self, connect: Callable[[], None]) -> None:
        """Paho connects blocking, so it does in a thread of its own. False hopes are given up by `abandon`."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="mqtt-connect")
        self._connecting = self._loop.run_in_executor(thread, connect)
        thread.shutdown(wait=False)
        await asyncio.shield(self._connecting)
        self._attach()

    def abandon(self) -> None:
        """Hangs up as soon as the thread has let go of the socket."""
        if self._connecting:
            self._connecting.add_done_callback(self._too_late)

    def hang_up(self) -> None:
        """Nothing before it was opened: the connecting thread still has the socket then."""
        if self._is_attached:
            self._close_socket()

    def write(self) -> None:
        self.guarded(self._client.loop_write)

    def guarded(self, step: Callable[[], Any]) -> None:
        """A step of paho's that fails ends the connection."""
        try:
            step()
        except Exception as error:
            log.warning("mqtt connection failed", error=type(error).__name__)
            self._loop.call_soon(self.hang_up)
            self._ended("failure")

    def over(self) -> None:
        """The connection is lost: nothing is kept alive any more."""
        self._is_over = True
        if self._tick:
            self._tick.cancel()

    def _too_late(self, connecting: asyncio.Future[None]) -> None:
        if not connecting.cancelled():
            connecting.exception()
        self._close_socket()
        self._ended("gave_up")

    def _close_socket(self) -> None:
        line = self._client.socket()
        if line is not None and (number := line.fileno()) >= 0:
            self._loop.remove_reader(number)
            self._loop.remove_writer(number)
            line.close()

    def _attach(self) -> None:
        """From here on everything happens in the loop's own thread."""
        client, loop = self._client, self._loop
        line = client.socket()
        if line is None:
            raise ConnectionError("connection_lost")
        self._is_attached, number = True, line.fileno()
        client.on_socket_register_write = lambda *_: loop.add_writer(number, self.write)
        client.on_socket_unregister_write = lambda *_: _quietly(loop.remove_writer, number)
        client.on_socket_close = lambda *_: _quietly(loop.remove_reader, number)
        loop.add_reader(number, self._read)
        if client.want_write():
            loop.add_writer(number, self.write)
        self._tick = loop.call_later(_TICK_S, self._keep_alive)

    def _read(self) -> None:
        self.guarded(self._client.loop_read)
        # TLS may hold decoded bytes of which the loop cannot know.
        while not self._is_over and isinstance(line := self._client.socket(), ssl.SSLSocket) and line.pending():
            self.guarded(self._client.loop_read)

    def _keep_alive(self) -> None:
        self.guarded(self._client.loop_misc)
        if not self._is_over:
            self._tick = self._loop.call_later(_TICK_S, self._keep_alive)


def _quietly(remove: Callable[[int], bool], number: int) -> None:
    remove(number)
