"""The whole of Baoshi on this machine: Kafka, MongoDB and a process a service and lane, under one directory."""

import fcntl
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from deploy.local.broker import LIBS
from deploy.local.database import MONGOD
from deploy.local.mosquitto import PORT as MQTT_PORT
from deploy.local.mosquitto import PORT_VARIABLE as MQTT_VARIABLE
from deploy.local.mosquitto import LocalMosquitto
from deploy.local.preflight import Port, PreflightFailed, Problem, check
from deploy.local.process import ManagedProcess, ProcessFailed
from deploy.local.stack import ROOT, RUN, LocalStack
from shared.contracts.vocabulary import LANES
from shared.platform.settings import Settings
from shared.platform.web.addresses import SERVED

STATE = ROOT / ".local"
MOSQUITTO = STATE / "mosquitto"
"""Passwords and rights of the local broker's users, and their secrets."""
DEMO = STATE / "demo"
READY_SECONDS = 60.0
SNPP_PORT, SNPP_VARIABLE = 4444, "BAOSHI_SNPP_PORT"
PEERS = ("mosquitto", "pagers")
HOST = "127.0.0.1"


class Part(NamedTuple):
    """One process of ours. `variable` moves its port."""

    name: str
    arguments: tuple[str, ...]
    port: int
    variable: str

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


def parts(environ: Mapping[str, str] = os.environ) -> tuple[Part, ...]:
    """Intake, register, notify's line; of the others a process a lane. Raises PreflightFailed for a bad port."""
    found = [_part(environ, "intake", None, 8101)]
    for service, ports in (("dispatch", (8102, 8112)), ("escalation", (8103, 8113)), ("notify", (8125, 8135))):
        found += [_part(environ, service, lane, port) for lane, port in zip(LANES, ports, strict=True)]
    return (*found, _part(environ, "notify", None, 8105), _part(environ, "register", None, 8104))


def _part(environ: Mapping[str, str], service: str, lane: str | None, default: int) -> Part:
    name = f"{service}-{lane}" if lane else service
    variable = f"BAOSHI_{name.upper().replace('-', '_')}_PORT"
    arguments = ("-m", f"services.{service}.main", *(("--lane", lane) if lane else ()))
    return Part(name, arguments, _number(environ, variable, default), variable)


def _number(environ: Mapping[str, str], variable: str, default: int) -> int:
    text = environ.get(variable, str(default))
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise PreflightFailed([Problem(f"{variable}={text} 不是端口号（1–65535）", f"{variable}={text} is no port")])


def local_ports(environ: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Of the broker and the paging server on this machine, by the kind of channel. Raises PreflightFailed."""
    return {
        "mqtt": _number(environ, MQTT_VARIABLE, MQTT_PORT),
        "snpp": _number(environ, SNPP_VARIABLE, SNPP_PORT),
    }


class Installation:
    """Starts over whatever an interrupted run left. `fields` are settings that its services share.

    `pagers`: with a paging server of its own; the demo has it in its own process.
    """

    def __init__(self, directory: Path, *, pagers: bool = False, **fields: Any) -> None:
        self.directory = directory
        self.stack = LocalStack(directory)
        ports = local_ports()
        self.mqtt_port, self.snpp_port = ports["mqtt"], ports["snpp"]
        self.mosquitto = LocalMosquitto(directory, MOSQUITTO, self.mqtt_port)
        self.pagers = _pagers(directory, self.snpp_port) if pagers else None
        self.parts = parts()
        self.processes: dict[str, ManagedProcess] = {}
        mine: dict[str, Any] = {"kafka": self.stack.bootstrap, "mongo": self.stack.mongo_uri, "host": HOST}
        mine |= {"notify_secrets_dir": MOSQUITTO / "secrets", "intake_notify": self.address("notify")}
        mine |= {f"pages_{service}": self.address(service) for service in SERVED}
        self.fields = {**mine, **fields}

    @property
    def settings(self) -> Settings:
        """For what this process itself does on Kafka and MongoDB."""
        return Settings(**{name: v for name, v in self.fields.items() if name in Settings.model_fields})

    def address(self, name: str) -> str:
        return next(part.address for part in self.parts if part.name == name)

    def claim(self) -> None:
        """Raises PreflightFailed, with everything that is in the way, before anything is started."""
        for other in (RUN, DEMO):
            if other != self.directory and (holder := holder_of(other)):
                raise PreflightFailed([_in_use(other, holder)])
        self.stack.hold()
        for directory in (RUN, DEMO):
            end_leftovers(directory)
        ports = [*self.stack.ports.needs(), *(Port(p.port, f"Baoshi {p.name}", p.variable) for p in self.parts)]
        ports += [Port(self.mqtt_port, "Mosquitto", MQTT_VARIABLE), Port(self.snpp_port, "pagers", SNPP_VARIABLE)]
        problems = [*_not_set_up(), *check(self.directory, ports)]
        if problems:
            self.stack.stop()
            raise PreflightFailed(problems)

    def start_services(self) -> None:
        """All at once; follow with wait_ready(). The safety check of each wants the topics made before."""
        self.mosquitto.start()
        if self.pagers:
            self.pagers.start()
        self.processes = {part.name: self._process(part) for part in self.parts}
        _at_once(process.start for process in self.processes.values())

    def wait_ready(self, timeout: float = READY_SECONDS) -> None:
        """Every /health/ready says yes; ProcessFailed with the end of its log for one that ended meanwhile."""
        self.mosquitto.wait_ready()
        until, waiting = time.monotonic() + timeout, list(self.parts)
        while waiting:
            for part in waiting:
                self.processes[part.name].check_alive()
            waiting = [part for part in waiting if not is_ready(part)]
            if waiting and time.monotonic() > until:
                names = ", ".join(part.name for part in waiting)
                tail = self.processes[waiting[0].name].log_tail()
                raise ProcessFailed(f"{names}: 未就绪 · not ready after {timeout:.0f} s:\n{tail}")
            if waiting:
                time.sleep(0.05)

    def stop(self) -> None:
        """Services first, so that nothing of theirs is in flight; whichever run started them."""
        _at_once(self._process(part).stop for part in self.parts)
        self.mosquitto.stop()
        if self.pagers:
            self.pagers.stop()
        self.stack.stop()

    def memory(self) -> dict[str, int]:
        """Proportional set size in bytes of each process that runs."""
        peers = (self.stack.kafka.process, self.stack.mongo.process, self.mosquitto.process)
        names = {**self.processes, **{process.name: process for process in peers}}
        found = {name: _pss(process.pid()) for name, process in names.items()}
        return {name: size for name, size in found.items() if size}

    def _process(self, part: Part) -> ManagedProcess:
        env = {f"BAOSHI_{name.upper()}": str(value) for name, value in self.fields.items()}
        env |= {"BAOSHI_PORT": str(part.port), "PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "2"}
        return ManagedProcess(part.name, [sys.executable, *part.arguments], self.directory, env)


def _pagers(directory: Path, port: int) -> ManagedProcess:
    arguments = [sys.executable, "-m", "cli.main", "pagers", "--port", str(port)]
    return ManagedProcess("pagers", arguments, directory, {"PYTHONPATH": str(ROOT)})


def is_ready(part: Part) -> bool:
    try:
        with urllib.request.urlopen(f"{part.address}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def holder_of(directory: Path) -> int | None:
    """The process that runs an installation there, or None."""
    try:
        with (directory / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read().strip() or 0)
    except (FileNotFoundError, ValueError):
        pass
    return None


def end_leftovers(directory: Path) -> None:
    """What a run that was killed left running there, whoever started it."""
    if not directory.is_dir():
        return
    stack = LocalStack(directory)
    _at_once(ManagedProcess(name, [], directory).stop for name in (*(p.name for p in parts()), *PEERS))
    stack.end_leftovers()


def _not_set_up() -> list[Problem]:
    if LIBS.is_dir() and MONGOD.is_file():
        return []
    return [Problem("还没有 Kafka 或 MongoDB。请先执行 make setup", "Kafka or MongoDB is missing. Run make setup")]


def _in_use(directory: Path, holder: int) -> Problem:
    name = "make up" if directory == RUN else "make demo"
    return Problem(
        f"{name} 正在运行（进程 {holder}），端口相同。请先执行 make down",
        f"{name} is running (process {holder}) on the same ports. Run make down first",
    )


def _at_once(calls: Iterable[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(call) for call in calls]:
            done.result()


def _pss(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_full_info().pss) if pid else 0
    except psutil.Error:
        return 0
