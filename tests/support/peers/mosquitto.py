"""A real Mosquitto with the files that `baoshi channels mosquitto` writes: one user a post, nobody unknown."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from cli.mosquitto_files import SECRETS, conf_text, write_files
from deploy.local.peers import environment, find
from services.notify.channels.mqtt_link import Broker
from services.notify.channels.mqtt_topics import NOTIFY_USER, device_user
from tests.support.installation import until
from tests.support.stack import free_ports

ESTATE = "lanting"


class Ended(NamedTuple):
    code: int | None
    printed: str


class Mosquitto:
    """`kill` is -9; what it kept on its disk it has again after `start`."""

    def __init__(self, folder: Path, posts: Sequence[str], tls: Path | None) -> None:
        self.port, self._folder = free_ports(1)[0], folder
        self.authority = tls / "ca.pem" if tls else None
        (folder / "data").mkdir()
        write_files(ESTATE, posts, folder)
        # Started as root it would become a user who may not write here.
        more = "user root\nlog_type all\n" + (_tls(tls) if tls else "")
        text = conf_text(folder, f"{self.port} 127.0.0.1", folder / "data")
        (folder / "mosquitto.conf").write_text(text + more)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Answers when this returns."""
        command = [find("mosquitto"), "-c", str(self._folder / "mosquitto.conf")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment()})
        assert await until(self._answers, 10), self.log()

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Its connections stay, and nobody is behind them."""
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGCONT)

    def secret(self, user: str) -> str:
        return (self._folder / SECRETS / user).read_text().strip()

    def as_post(self, post: str) -> Broker:
        """Signed in as the device of this post."""
        user = device_user(ESTATE, post)
        return Broker("127.0.0.1", self.port, user, self.secret(user))

    def as_notify(self) -> Broker:
        return Broker("127.0.0.1", self.port, NOTIFY_USER, self.secret(NOTIFY_USER))

    async def own_client(self, program: str, user: str, *more: str) -> Ended:
        """Mosquitto's own client over the older MQTT, in which nothing holds it back."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-u", user, "-P", self.secret(user), "-V", "mqttv311"]
        process = await asyncio.create_subprocess_exec(
            find(program),
            *where,
            *more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **environment()},
        )
        printed, _ = await process.communicate()
        return Ended(process.returncode, printed.decode())

    async def has_on_disk(self, text: str) -> bool:
        """Whether it would still know of it if it were killed now."""
        with contextlib.suppress(FileNotFoundError):
            return text.encode() in (self._folder / "data" / "mosquitto.db").read_bytes()
        return False

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True


def _tls(folder: Path) -> str:
    return f"cafile {folder / 'ca.pem'}\ncertfile {folder / 'ca.pem'}\nkeyfile {folder / 'key.pem'}\n"


def certificate(folder: Path) -> Path:
    """One for 127.0.0.1 that vouches for itself."""
    made = folder / "tls"
    made.mkdir()
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(made / "key.pem"), "-out", str(made / "ca.pem")]
    command = [find("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    return made


@asynccontextmanager
async def mosquitto(
    posts: Sequence[str] = ("gate-south", "gate-north"), tls: bool = False
) -> AsyncIterator[Mosquitto]:
    """Listens when this enters, on a free port; its files go with it."""
    folder = Path(tempfile.mkdtemp(prefix="mosquitto-"))
    broker = Mosquitto(folder, posts, certificate(folder) if tls else None)
    try:
        await broker.start()
        yield broker
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)
