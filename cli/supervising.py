"""A process that ends is started again, as long as the installation is to run."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from cli.installation import Installation
from deploy.local.process import ProcessFailed

Say = Callable[[str], None]
LOOK_EVERY = 0.5
LONGEST_WAIT = 30.0
STEADY = 60.0
"""Whoever ran for so long starts at once the next time; before that the wait doubles."""


class Watched(Protocol):
    """A managed process, or a part that starts in more than one step."""

    def start(self) -> None: ...
    def alive(self) -> bool: ...


class Broker(NamedTuple):
    """Kafka and MongoDB start by their own rules."""

    start: Callable[[], None]
    alive: Callable[[], bool]


class Supervisor:
    """`look` once; `run` until `stop`. The demo runs it in a thread beside the evening."""

    def __init__(self, installation: Installation, say: Say) -> None:
        kafka, mongo = installation.stack.kafka, installation.stack.mongo
        self._say = say
        self._watched: dict[str, Watched] = {
            "kafka": Broker(kafka.start, kafka.process.alive),
            "mongod": Broker(mongo.start, mongo.process.alive),
            "mosquitto": installation.mosquitto,
            **({"pagers": installation.pagers} if installation.pagers else {}),
            **installation.processes,
        }
        self._started = dict.fromkeys(self._watched, time.monotonic())
        self._wait = dict.fromkeys(self._watched, 0.0)
        self._end = threading.Event()
        self.restarts = 0

    def run(self) -> None:
        while not self._end.wait(LOOK_EVERY):
            self.look()

    def stop(self) -> None:
        self._end.set()

    def look(self) -> None:
        """Starts again whatever has ended, unless it was started a moment ago."""
        for name, process in self._watched.items():
            if not process.alive() and self._is_time(name):
                self._again(name, process)

    def _is_time(self, name: str) -> bool:
        ran = time.monotonic() - self._started[name]
        if ran > STEADY:
            self._wait[name] = 0.0
        return ran >= self._wait[name]

    def _again(self, name: str, process: Watched) -> None:
        self._say(f"{name} 已退出，重新启动 · {name} ended, started again")
        self._wait[name] = min(max(1.0, self._wait[name] * 2), LONGEST_WAIT)
        self._started[name] = time.monotonic()
        self.restarts += 1
        try:
            process.start()
        except (ProcessFailed, OSError) as reason:
            self._say(f"{name}: {reason}")
