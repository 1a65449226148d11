"""One installation to be measured: its own topics and database, its processes, what they take of the machine."""

import asyncio
import os
import random
import shutil
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from aiokafka.admin import AIOKafkaAdminClient

from bench.estate import estate
from deploy.local.process import ManagedProcess
from deploy.local.stack import LocalStack
from shared.platform.admin_key import install_admin_key
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import Database, connect, database
from shared.platform.settings import Settings
from shared.platform.topic_admin import create_topics

ROOT = Path(__file__).resolve().parents[1]
_READY_S = 60.0


class Site:
    """Names of its own on the broker and the database that everything of a run shares."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        token = uuid.uuid4().hex[:8]
        self.folder = folder / token
        self.environment = {
            "BAOSHI_KAFKA": stack.bootstrap,
            "BAOSHI_MONGO": stack.mongo_uri,
            "BAOSHI_MONGO_DATABASE": f"bench_{token}",
            "BAOSHI_TOPIC_PREFIX": f"b{token}.",
            "BAOSHI_STATE_DIR": str(self.folder / "state"),
            "BAOSHI_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
        self.settings = Settings.model_validate(
            {name.removeprefix("BAOSHI_").lower(): value for name, value in self.environment.items()}
        )
        self.client = connect(self.settings)
        self.secret = ""
        self.processes: dict[str, ManagedProcess] = {}
        self._ports: dict[str, int] = {}

    @property
    def store(self) -> Database:
        return database(self.client, self.settings)

    def topic(self, name: str) -> str:
        return self.settings.topic_prefix + name

    def address(self, name: str) -> tuple[str, int]:
        return "127.0.0.1", self._ports[name]

    async def start(self, name: str, module: str, *arguments: str, ready: bool = True) -> None:
        """A process of its own; `ready` waits until it says so itself."""
        port = self._ports[name] = free_port()
        own = f"http://127.0.0.1:{port}"
        environment = {**self.environment, "BAOSHI_PORT": str(port), "BAOSHI_PAGES_REGISTER": own}
        command = [sys.executable, "-m", module, *arguments]
        self.processes[name] = ManagedProcess(name, command, self.folder, environment)
        await asyncio.to_thread(self.processes[name].start)
        if ready:
            await self._until_ready(name)

    async def run(self, module: str, *arguments: str) -> str:
        """What a process of its own printed, which has to end well."""
        command = [sys.executable, "-m", module, *arguments]
        environment = {**os.environ, **self.environment}
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{module} ended with {process.returncode}")
        return said.decode()

    async def stop(self, *names: str) -> None:
        for name in names or tuple(self.processes):
            await asyncio.to_thread(self.processes.pop(name).stop)

    def check_alive(self) -> None:
        """Raises with the end of its log when a process has ended."""
        for process in self.processes.values():
            process.check_alive()

    async def _until_ready(self, name: str) -> None:
        async with asyncio.timeout(_READY_S):
            while not await answers(*self.address(name), "/health/ready"):
                self.processes[name].check_alive()
                await asyncio.sleep(0.1)

    def pss_mib(self, name: str) -> float:
        """What the process takes of memory, shared pages counted by their share."""
        pid = self.processes[name].pid()
        return float(psutil.Process(pid).memory_full_info().pss) / 2**20 if pid else 0.0

    def cpu_s(self, name: str) -> float:
        """Seconds of CPU that the process took since it began."""
        pid = self.processes[name].pid()
        times = psutil.Process(pid).cpu_times() if pid else None
        return times.user + times.system if times else 0.0

    async def clear(self) -> None:
        await self.stop()
        await self.client.drop_database(self.settings.mongo_database)
        await self.client.close()
        await _delete_topics(self.settings)
        shutil.rmtree(self.folder, ignore_errors=True)


@asynccontextmanager
async def prepared(stack: LocalStack, folder: Path) -> AsyncIterator[Site]:
    """Topics from the table, the estate and a key; everything goes when the block ends."""
    site = Site(stack, folder)
    try:
        await create_topics(site.settings)
        await apply_estates(site.store, [estate()])
        site.secret = await install_admin_key(site.store, site.settings.state_dir)
        yield site
    finally:
        await site.clear()


class Shares:
    """Seconds of CPU that each process took between `begin` and `words`."""

    def __init__(self, stack: LocalStack, site: Site) -> None:
        pids = {name: process.pid() for name, process in site.processes.items()}
        pids |= {"Kafka": stack.kafka.process.pid(), "mongod": stack.mongo.process.pid(), "driver": os.getpid()}
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items() if pid}
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: t.user + t.system for name, t in times.items()}

    def words(self, per: int, what: str) -> str:
        """`dispatch 520 µs, Kafka 180 µs …` of CPU for each of `per`."""
        now = self._now()
        parts = [f"{n} {(now[n] - was) / per * 1e6:,.0f} µs" for n, was in self._before.items()]
        return f"CPU a {what}: {', '.join(parts)}"


class Busy:
    """How much of the whole machine was in use between `begin` and `words`."""

    def __init__(self) -> None:
        self._before = psutil.cpu_times()

    def words(self) -> str:
        """`the machine's 2 cores 98 % busy`: near 100, a figure says how long things waited for one another."""
        past, now = self._before, psutil.cpu_times()
        # The first eight: guests' time stands in the user's already.
        spent, idle = sum(now[:8]) - sum(past[:8]), now.idle + now.iowait - past.idle - past.iowait
        return f"the machine's {psutil.cpu_count()} cores {100 * (1 - idle / spent):.0f} % busy"


async def answers(host: str, port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n".encode())
        line = await reader.readline()
        writer.close()
    except OSError:
        return False
    return b" 200 " in line


def free_port() -> int:
    """One nobody listens on, below the range from which the kernel hands out its own."""
    while True:
        port = random.randint(15000, 30000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


async def _delete_topics(settings: Settings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        topics: Sequence[str] = [t for t in await admin.list_topics() if t.startswith(settings.topic_prefix)]
        if topics:
            await admin.delete_topics(topics)
    finally:
        await admin.close()
