"""Kafka and MongoDB together, under one directory that only one run holds at a time."""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.broker import LocalKafka
from deploy.local.database import LocalMongo
from deploy.local.preflight import Port, PreflightFailed, Problem, check

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".local" / "run"
KAFKA_PORT = "BAOSHI_KAFKA_PORT"
CONTROLLER_PORT = "BAOSHI_KAFKA_CONTROLLER_PORT"
MONGO_PORT = "BAOSHI_MONGO_PORT"


@dataclass(frozen=True)
class StackPorts:
    """Where the stack listens, on 127.0.0.1 only."""

    kafka: int = 9192
    controller: int = 9193
    mongo: int = 27117

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        return cls(
            _number(environ, KAFKA_PORT, cls.kafka),
            _number(environ, CONTROLLER_PORT, cls.controller),
            _number(environ, MONGO_PORT, cls.mongo),
        )

    def needs(self) -> list[Port]:
        return [
            Port(self.kafka, "Kafka", KAFKA_PORT),
            Port(self.controller, "Kafka controller", CONTROLLER_PORT),
            Port(self.mongo, "MongoDB", MONGO_PORT),
        ]


class LocalStack:
    """Starts over whatever an interrupted run left; a second run at the same time is refused."""

    def __init__(
        self, directory: Path = RUN, ports: StackPorts | None = None, *, full_compiler: bool = False
    ) -> None:
        self.directory = directory.resolve()
        self.ports = ports or StackPorts.from_environ()
        self.kafka = LocalKafka(
            self.directory, self.ports.kafka, self.ports.controller, full_compiler=full_compiler
        )
        self.mongo = LocalMongo(self.directory, self.ports.mongo)
        self.bootstrap = self.kafka.bootstrap
        self.mongo_uri = self.mongo.uri
        self._lock: TextIOWrapper | None = None

    def start(self) -> None:
        """Raises PreflightFailed before anything is started, ProcessFailed after ending what was."""
        self.hold()
        try:
            self.end_leftovers()
            problems = check(self.directory, self.ports.needs())
            if problems:
                raise PreflightFailed(problems)
            self.mongo.start()
            self.kafka.start()
        except BaseException:
            self.stop()
            raise

    def wait_ready(self, timeout: float = 60.0) -> None:
        self.mongo.wait_ready(timeout)
        self.kafka.wait_ready(timeout)

    def stop(self) -> None:
        """Ends both, whichever run started them, and lets the directory go."""
        self.end_leftovers()
        self._release()

    def kill(self) -> None:
        """SIGKILL to both; the directory stays held for the next start()."""
        self.kafka.kill()
        self.mongo.kill()

    def alive(self) -> bool:
        return self.kafka.process.alive() and self.mongo.process.alive()

    def end_leftovers(self) -> None:
        self.kafka.stop()
        self.mongo.stop()

    def hold(self) -> None:
        """Keeps other runs out until stop() or this process's end, however it ends."""
        if self._lock is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        lock = (self.directory / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise PreflightFailed([_already_running(self.directory, holder)]) from held
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _already_running(directory: Path, holder: str) -> Problem:
    return Problem(
        f"{directory} 正由进程 {holder} 使用。请先执行 make down，或结束该进程",
        f"{directory} is in use by process {holder}. Run make down first, or end that process",
    )


def _number(environ: Mapping[str, str], variable: str, default: int) -> int:
    text = environ.get(variable, str(default))
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    problem = Problem(f"{variable}={text} 不是端口号（1–65535）", f"{variable}={text} is no port (1–65535)")
    raise PreflightFailed([problem])
