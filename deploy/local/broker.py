"""A real Kafka, one node, without containers."""

import asyncio
import base64
import shutil
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Template

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.local.preflight import java_command
from deploy.local.process import ManagedProcess, ProcessFailed

ROOT = Path(__file__).resolve().parents[2]
LIBS = ROOT / ".local" / "kafka" / "libs"
TEMPLATE = Path(__file__).parent / "kafka" / "server.properties"
JVM = [
    "-Xmx384m",
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
]
QUICK_START = "-XX:TieredStopAtLevel=1"


class LocalKafka:
    """One broker under `directory`; what it acknowledged is there again after kill() and start()."""

    def __init__(
        self,
        directory: Path,
        port: int = 9192,
        controller_port: int = 9193,
        *,
        full_compiler: bool = False,
        libs: Path = LIBS,
    ) -> None:
        self.directory = directory.resolve()
        self.port = port
        self.controller_port = controller_port
        self.bootstrap = f"127.0.0.1:{port}"
        self._libs = libs
        # The second compiler costs 2 s of start and pays off only where throughput is measured.
        self._jvm = JVM if full_compiler else [*JVM, QUICK_START]
        self._config = self.directory / "kafka.properties"
        self._data = self.directory / "kafka-data"
        self._formatted = self.directory / "kafka.formatted"
        command = self._java("kafka.Kafka", str(self._config))
        self.process = ManagedProcess("kafka", command, self.directory, {"MALLOC_ARENA_MAX": "2"})

    def start(self) -> None:
        """Returns at once after the first format; follow with wait_ready()."""
        if not self._libs.is_dir():
            raise ProcessFailed(f"no Kafka under {self._libs}: run `make setup` / 请先运行 make setup")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process.stop()
        self._write_config()
        self._format()
        self.process.start()

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Returns when clients can be served: the broker lists itself."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            self.process.check_alive()
            if broker_answers(self.bootstrap):
                return
            time.sleep(0.05)
        raise ProcessFailed(f"Kafka not ready after {timeout:.0f} s:\n{self.process.log_tail()}")

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()

    def pause(self) -> None:
        """SIGSTOP."""
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def _java(self, *arguments: str) -> list[str]:
        return [java_command() or "java", *self._jvm, "-cp", f"{self._libs}/*", *arguments]

    def _write_config(self) -> None:
        text = Template(TEMPLATE.read_text()).substitute(
            port=self.port, controller_port=self.controller_port, data=self._data
        )
        self._config.write_text(text)

    def _format(self) -> None:
        """Formats once; a format that was interrupted holds no records and is begun again."""
        if self._formatted.exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(b"\x00" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        tool = self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._config))
        done = subprocess.run(tool, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise ProcessFailed(f"Kafka could not format {self._data}:\n{done.stdout}{done.stderr}")
        self._formatted.write_text(f"{cluster}\n")


def broker_answers(bootstrap: str) -> bool:
    """True when a broker there lists itself; it may be called with or without an event loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _lists_a_broker(bootstrap)).result()


async def _lists_a_broker(bootstrap: str) -> bool:
    host, port = bootstrap.split(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 1.0)
    except (OSError, TimeoutError):
        # Asked first, because aiokafka logs an error for each refused connection.
        return False
    writer.close()
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await asyncio.wait_for(client.bootstrap(), 3.0)
        return bool(client.cluster.brokers())
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
