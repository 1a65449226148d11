"""The machine that was measured on, and how quiet it was: one fixed piece of work, timed around every round."""

import os
import platform
import time
from pathlib import Path
from statistics import median

import psutil

_WORK = 200_000


def busy_ms() -> float:
    """Milliseconds of a loop that always does the same; what others take of the machine makes it longer."""
    began = time.perf_counter()
    total = 0
    for number in range(_WORK):
        total += number * number % 7
    return (time.perf_counter() - began) * 1000


class Noise:
    """All readings of a run. The best one stands for the machine when it is quiet."""

    def __init__(self) -> None:
        self.readings: list[float] = []

    def read(self) -> None:
        self.readings.append(min(busy_ms(), busy_ms()))

    def words(self) -> str:
        if not self.readings:
            return "not read"
        best = min(self.readings)
        slower = [100 * (r / best - 1) for r in self.readings]
        return (
            f"the same loop took {best:.1f} ms at best, {median(slower):.0f} % longer in the median of "
            f"{len(slower)} readings, {max(slower):.0f} % at worst"
        )


def described() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
