"""A real Kannel, bearerbox and smsbox, between us and two networks: its fake SMSC, and one by HTTP that can fail.

Debian's package lacks the program `fakesmsc`, whose protocol is a line a message; `Phones` speaks it.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

import httpx2 as httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deploy.local.peers import environment, find
from shared.platform.service import serving
from tests.support.installation import until
from tests.support.stack import free_ports

USERNAME, PASSWORD = "baoshi", "s3cret"
REJECTED, LOST, NOWHERE = "1390", "1391", "1370"
"""Numbers that begin so: the second network rejects them, or cannot deliver; or there is no network for them."""
_CONF = """group = core
admin-port = {admin}
admin-password = {password}
smsbox-port = {boxes}
log-file = "{folder}/bearerbox.log"
log-level = 0
store-type = file
store-location = "{folder}/store"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = air
port = {air}
connect-allow-ip = 127.0.0.1
denied-prefix = "139;137"

group = smsc
smsc = http
system-type = kannel
smsc-id = carrier
port = {said_by_carrier}
connect-allow-ip = 127.0.0.1
smsc-username = u
smsc-password = p
send-url = "http://127.0.0.1:{carrier}/send"
dlr-url = "http://127.0.0.1:{said_by_carrier}/sms"
allowed-prefix = 139

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
log-file = "{folder}/smsbox.log"
log-level = 0
http-request-retry = 100
http-queue-delay = 1

group = sendsms-user
username = {username}
password = {password}
max-messages = 3
concatenation = true

{service}
"""


class Text(NamedTuple):
    """A message as it came to a phone. `part`: number and count, of a longer one."""

    sender: str
    phone: str
    words: str
    part: tuple[int, int] = (1, 1)


class Phones:
    """Every phone of the fake SMSC's network; while it is away Kannel keeps what is for them."""

    def __init__(self, port: int) -> None:
        self._port, self.received = port, list[Text]()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def come(self) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._reading = asyncio.create_task(self._read(reader))

    async def say(self, phone: str, words: str) -> None:
        assert self._writer
        self._writer.write(f"{phone} 10086 data {quote(words)}\n".encode())
        await self._writer.drain()

    def at(self, phone: str) -> list[str]:
        """The words of whole messages, in their order; parts are put together."""
        here = [text for text in self.received if text.phone == phone]
        whole = "".join(t.words + ("\n" if t.part[0] == t.part[1] else "") for t in here)
        return whole.splitlines()

    async def has(self, phone: str, words: str) -> bool:
        return words in self.at(phone)

    async def go(self) -> None:
        if self._reading and self._writer:
            self._reading.cancel()
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                self.received.append(text_of(line.decode().rstrip("\n")))


def text_of(line: str) -> Text:
    """`sender phone type text`; what is not plain is bytes of a URL, UTF-16 where it is Chinese."""
    sender, phone, kind, said = line.split(" ", 3)
    if kind == "text":
        return Text(sender, phone, said)
    if kind == "ucs-2":
        return Text(sender, phone, _bytes(said).decode("utf-16-be"))
    header, _, body = said.split(" ", 2)
    count, number = _bytes(header)[-2:]
    return Text(sender, phone, _bytes(body).decode("utf-16-be"), (number, count))


def _bytes(said: str) -> bytes:
    return unquote_to_bytes(said.replace("+", " "))


class Kannel:
    """`kill` is -9 for both boxes; what they kept on disk they have again after `start`."""

    def __init__(self, folder: Path, service: str) -> None:
        names = ("admin", "boxes", "air", "said_by_carrier", "carrier", "sendsms")
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.folder, self.phones = folder, Phones(self.ports["air"])
        words = {"folder": folder, "service": service, "username": USERNAME, "password": PASSWORD}
        (folder / "kannel.conf").write_text(_CONF.format(**self.ports, **words))
        self._boxes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['sendsms']}/cgi-bin/sendsms"

    async def start(self) -> None:
        """Takes messages when this returns."""
        await self._box("bearerbox", "boxes")
        await self._box("smsbox", "sendsms")

    async def _box(self, program: str, port: str) -> None:
        command = [find(program), str(self.folder / "kannel.conf")]
        with (self.folder / f"{program}.out").open("ab") as out:
            self._boxes.append(
                subprocess.Popen(command, env={**os.environ, **environment()}, stdout=out, stderr=out)
            )
        assert await until(lambda: _answers(self.ports[port]), 15), self.log()

    def kill(self) -> None:
        for box in self._boxes:
            box.kill()
            box.wait()
        self._boxes.clear()

    def pause(self) -> None:
        """Its connections stay, and nobody is behind them."""
        for box in self._boxes:
            box.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        for box in self._boxes:
            box.send_signal(signal.SIGCONT)

    async def say_in_utf16(self, phone: str, words: str) -> None:
        """An answer as networks bring Chinese: by the second one."""
        about = {"username": "u", "password": "p", "from": phone, "to": "10086", "coding": "2"}
        query = "&".join(f"{k}={quote(v)}" for k, v in about.items()) + f"&text={quote(words.encode('utf-16-be'))}"
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://127.0.0.1:{self.ports['said_by_carrier']}/sms?{query}&charset=UTF-16BE"
            (await client.get(url)).raise_for_status()

    def log(self) -> str:
        return "\n".join(p.read_text(errors="replace")[-4000:] for p in self.folder.glob("*.log"))


class _Carrier:
    """The second network: rejects, or takes and says later that it could not deliver."""

    def __init__(self) -> None:
        self._later = set[asyncio.Task[None]]()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/send", self._take)])

    async def _take(self, request: Request) -> Response:
        asked = request.query_params
        if asked["to"].startswith(REJECTED):
            return PlainTextResponse("Rejected", 403)
        if url := asked.get("dlr-url"):
            task = asyncio.create_task(self._fail(url.replace("%d", "2") + "&username=u&password=p"))
            self._later.add(task)
        return PlainTextResponse("0: Accepted for delivery", 202)

    async def _fail(self, url: str) -> None:
        await asyncio.sleep(0.2)
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(url)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def kannel(service: str) -> AsyncIterator[Kannel]:
    """Takes messages when this enters, and the phones are there; `service` is the group for what they answer."""
    folder = Path(tempfile.mkdtemp(prefix="kannel-"))
    peer, carrier = Kannel(folder, service), _Carrier()
    try:
        async with serving(carrier.app(), "127.0.0.1", peer.ports["carrier"]):
            await peer.start()
            await peer.phones.come()
            yield peer
    finally:
        await peer.phones.go()
        peer.kill()
        shutil.rmtree(folder, ignore_errors=True)
