"""All tests, in two halves side by side: `python -m tests.run`.

The rules' and contracts' tests only count, so they run in what the others, which mostly wait, leave of the cores.

A test of real parts that failed is run once more, alone, since on a busy machine what stands around it may have
failed: its browser, a port, a peer. What passes then is named on the last lines, to be mended; what fails again
fails the run. Nothing is run again of what must hold every time (kills, rules, contracts), nor where more than a
few failed.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from shared.platform.priority import give_way

PURE = ("tests/domain", "tests/contracts")
NEVER_AGAIN = ("tests/faults/", *(f"{folder}/" for folder in PURE))
MOST_AGAIN = 3
CACHE = Path(".local/test-cache")
_PYTEST = (sys.executable, "-m", "pytest")
_FAILED = 1
"""What pytest ends with when tests failed, and nothing worse happened."""


def main() -> int:
    """0 when everything passed, in the end."""
    CACHE.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _interrupt)
    said = CACHE / "pure.log"
    with said.open("wb") as log, ExitStack() as running:
        pure = running.enter_context(_ended(_pure(log)))
        real = running.enter_context(_ended(_real()))
        code = real.wait()
        pure.wait()
    print(said.read_text(encoding="utf-8"), flush=True)
    return pure.returncode or _second_look(code, failed())


def _pure(log: BinaryIO) -> subprocess.Popen[bytes]:
    """In a session of its own, since the kernel shares the cores among sessions first."""
    command = (*_pytest("pure"), "-q", *PURE)
    return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=give_way)


def _real() -> subprocess.Popen[bytes]:
    return subprocess.Popen((*_pytest("real"), "tests", *(f"--ignore={folder}" for folder in PURE)))


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Whoever stops this run stops both halves, each with the time to end what it has started."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _pytest(name: str) -> tuple[str, ...]:
    return (*_PYTEST, "-o", f"cache_dir={CACHE / name}")


def failed() -> list[str]:
    """The tests of real parts that failed last."""
    kept = CACHE / "real" / "v" / "cache" / "lastfailed"
    return list(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else []


def _second_look(code: int, tests: list[str]) -> int:
    if not may_be_run_again(code, tests):
        return code
    print("\nonce more, alone:\n  " + "\n  ".join(tests), flush=True)
    again = subprocess.call((*_pytest("again"), *tests))
    if again == 0:
        print("FAILED ONCE, passed alone; mend:\n  " + "\n  ".join(tests), flush=True)
    return again


def may_be_run_again(code: int, tests: list[str]) -> bool:
    """Only a few failed, and none of what must hold every time."""
    return code == _FAILED and 0 < len(tests) <= MOST_AGAIN and not any(t.startswith(NEVER_AGAIN) for t in tests)


if __name__ == "__main__":
    os.chdir(Path(__file__).parent.parent)
    raise SystemExit(main())
