"""The line of ESPA 4.4.4: serial or TCP, one process at a time, and the two halves of its dialogue.

A serial line is locked (flock) before anything is written; the lock goes with the process, however it ends.
"""

import asyncio
import contextlib
import errno
import termios
from collections.abc import AsyncIterator
from typing import Literal, cast

from pydantic import Field, model_validator
from serial_asyncio_fast import create_serial_connection

from services.notify.channels import channel
from services.notify.channels.espa_frames import ACK, EOT, NAK, Block, Control, Token, Tokens, asked

_CLOSE_S = 1.0
_MOST_TOKENS = 16
"""Of one turn of another station; it may not keep the line for ever."""
_LOOK_S = 0.02
"""How often a taken line is tried again: shorter than the pause that routine pages leave."""


class LineFailed(Exception):
    """`reason`: `line_taken`, `no_line` or `connection_lost`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LineOptions(channel.Options):
    """Where the line is, and how long it is waited for."""

    device: str | None = Field(None, pattern=r"^/dev/\S+$", description="serial line, such as /dev/ttyS0")
    baud: Literal[300, 600, 1200, 2400, 4800, 9600, 19200] = Field(9600, description="speed of the serial line")
    frame: Literal["7E1", "7E2", "7O1", "7N2", "8N1", "8E1"] = Field(
        "7E2", description="data bits, parity and stop bits of the serial line; the specification has 7E2"
    )
    host: str | None = Field(None, description="instead of a serial line: a device server or paging system on TCP")
    port: int = Field(4001, ge=1, le=65535, description="its port")
    reply_s: float = Field(2.0, gt=0, le=30, description="seconds until silence counts as no answer")
    repeats: int = Field(2, ge=0, le=9, description="how often a block is repeated after NAK or silence")
    dialogue_s: float = Field(9.0, gt=0, le=60, description="seconds for a whole page, from connecting on")
    line_wait_s: float = Field(
        2.0, ge=0, le=30, description="seconds to wait for another process's dialogue to end"
    )

    @model_validator(mode="after")
    def _has_one_line(self) -> "LineOptions":
        if (self.device is None) == (self.host is None):
            raise ValueError("give `device` or `host`, one of them")
        return self


class Line(asyncio.Protocol):
    """Tokens of the other side, in order; after the line is gone every wait raises `LineFailed`."""

    def __init__(self, options: LineOptions) -> None:
        self._options, self._tokens = options, Tokens()
        self._heard: asyncio.Queue[Token | None] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None
        self._lost = False
        self.made = asyncio.Event()
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.made.set()

    def data_received(self, data: bytes) -> None:
        for token in self._tokens.feed(data):
            self._heard.put_nowait(token)

    def connection_lost(self, _error: Exception | None) -> None:
        self._lost = True
        self._heard.put_nowait(None)
        if not self._closed.done():
            self._closed.set_result(None)

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._lost:
            self._transport.write(data)

    async def close(self) -> None:
        """What is written still goes out; a serial line is unlocked when this returns."""
        if self._transport is not None:
            self._transport.close()
            await asyncio.wait([self._closed], timeout=_CLOSE_S)

    async def token(self, seconds: float) -> Token | None:
        """The next one, or None after silence; half a block is forgotten with it."""
        if self._lost and self._heard.empty():
            raise LineFailed("connection_lost")
        try:
            async with asyncio.timeout(seconds):
                token = await self._heard.get()
        except TimeoutError:
            self._tokens.forget()
            return None
        if token is None:
            raise LineFailed("connection_lost")
        return token

    async def offer(self, peer: str, block: bytes, own: str | None = None) -> str:
        """As master: `accepted`, or why not. `own`: polled first, as a control station does with itself.

        A selection is never repeated here: a late ACK of it would pass for one of the block.
        """
        try:
            self._discard()
            self.write(asked(*([own] if own else []), peer))
            reply = await self._reply()
            if reply is None or reply.what != ACK:
                return "no_answer" if reply is None else "busy"
            return await self._transfer(block)
        finally:
            self.write(bytes([EOT]))

    async def _transfer(self, block: bytes) -> str:
        result = "no_answer"
        for _ in range(self._options.repeats + 1):
            self.write(block)
            reply = await self._reply()
            if reply is None:
                result = "no_answer"
            elif reply.what == ACK:
                return "accepted"
            elif reply.what == EOT:
                return "broken_off"
            elif reply.prefix not in ("", "1"):
                return f"nak_{reply.prefix}"
            else:
                result = "nak"
        return result

    async def take(self) -> None:
        """As slave: ACK to being selected, then to every sound block, until EOT or silence; nothing is kept."""
        self.write(bytes([ACK]))
        for _ in range(_MOST_TOKENS):
            token = await self.token(self._options.reply_s)
            if token is None or (isinstance(token, Control) and token.what == EOT):
                break
            if isinstance(token, Block):
                self.write(bytes([ACK]) if token.sound else b"1" + bytes([NAK]))

    async def _reply(self) -> Control | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._options.reply_s
        while (left := until - loop.time()) > 0:
            token = await self.token(left)
            if isinstance(token, Control):
                return token
        return None

    def _discard(self) -> None:
        self._tokens.forget()
        while not self._lost and not self._heard.empty():
            self._heard.get_nowait()


@contextlib.asynccontextmanager
async def opened(options: LineOptions) -> AsyncIterator[Line]:
    """The line, this process's alone if it is a serial one, and free again at the end. Raises `LineFailed`."""
    line = Line(options)
    try:
        if options.host is not None:
            await asyncio.get_running_loop().create_connection(lambda: line, options.host, options.port)
        else:
            await _open_serial(line, options)
    except (OSError, UnicodeError, termios.error) as failure:
        # A port that cannot do the frame says so by termios.error, which is no OSError.
        raise LineFailed("no_line") from failure
    try:
        # A serial transport tells of itself a moment late; until then writing goes nowhere.
        await line.made.wait()
        yield line
    finally:
        await line.close()


async def _open_serial(line: Line, options: LineOptions) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + options.line_wait_s
    bits, parity, stop = options.frame
    while True:
        try:
            await create_serial_connection(
                loop, lambda: line, str(options.device), baudrate=options.baud, exclusive=True,
                bytesize=int(bits), parity=parity, stopbits=int(stop),
            )  # fmt: skip
            return
        except OSError as failure:
            if failure.errno not in (errno.EAGAIN, errno.EBUSY):
                raise
            if loop.time() >= until:
                raise LineFailed("line_taken") from failure
        await asyncio.sleep(_LOOK_S)
