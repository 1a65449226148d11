"""What must be there before anything is started. Standard library only, and older Pythons can read it."""

from __future__ import annotations

import argparse
import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

FAILED = 2
PYTHON = (3, 11)
JAVA = 17
DISK_VARIABLE = "BAOSHI_MIN_DISK_GIB"
DISK_GIB = 2.0


class Problem(NamedTuple):
    """One thing that is missing, and what to do about it."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"✗ {self.zh}\n  {self.en}"


class Port(NamedTuple):
    """A port that will be listened on, and the environment variable that moves it."""

    number: int
    use: str
    variable: str


class PreflightFailed(Exception):
    """Nothing was started; the text says why, in Chinese and English."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def check_python() -> list[Problem]:
    found = sys.version_info[:2]
    if found < PYTHON:
        return [
            Problem(
                f"需要 Python 3.11 或更高版本，当前为 {found[0]}.{found[1]}。请安装后执行 make PYTHON=python3.11",
                f"Python 3.11 or newer is needed, this is {found[0]}.{found[1]}. "
                "Install one and run make PYTHON=python3.11",
            )
        ]
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        return [
            Problem(
                "缺少 Python 的 venv 模块。请执行 apt-get install python3-venv",
                "Python's venv module is missing. Run apt-get install python3-venv",
            )
        ]
    return []


def check_java() -> list[Problem]:
    version = java_version()
    if version >= JAVA:
        return []
    found = ("没有找到 java", "no java was found") if version == 0 else (f"当前为 {version}", f"it is {version}")
    return [
        Problem(
            f"需要 Java {JAVA} 或更高版本（{found[0]}）。请执行 apt-get install openjdk-17-jre-headless，"
            "或把 JAVA_HOME 指向已有的版本",
            f"Java {JAVA} or newer is needed ({found[1]}). Run apt-get install openjdk-17-jre-headless, "
            "or point JAVA_HOME at one",
        )
    ]


def java_command() -> str | None:
    """JAVA_HOME's java if there is one, else the one on PATH."""
    home = os.environ.get("JAVA_HOME")
    in_home = shutil.which("java", path=os.path.join(home, "bin")) if home else None
    return in_home or shutil.which("java")


def java_version() -> int:
    """The feature number (17, 21); 8 for the old "1.8"; 0 for none."""
    java = java_command()
    if java is None:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match.group(1)) if match else 0


def check_maven() -> list[Problem]:
    if shutil.which("mvn"):
        return []
    return [
        Problem(
            "没有找到 mvn（用于取得 Kafka）。请执行 apt-get install maven",
            "mvn was not found (it fetches Kafka). Run apt-get install maven",
        )
    ]


def check_disk(directory: Path, environ: Mapping[str, str] = os.environ) -> list[Problem]:
    try:
        needed = float(environ.get(DISK_VARIABLE, DISK_GIB))
    except ValueError:
        text = environ[DISK_VARIABLE]
        return [Problem(f"{DISK_VARIABLE}={text} 不是数字", f"{DISK_VARIABLE}={text} is not a number")]
    there = next(path for path in (directory, *directory.resolve().parents) if path.exists())
    free = shutil.disk_usage(there).free / 1024**3
    if free >= needed:
        return []
    return [
        Problem(
            f"{there} 只剩 {free:.1f} GiB，需要 {needed:g} GiB。请清理磁盘，或调低 {DISK_VARIABLE}",
            f"{there} has {free:.1f} GiB left, {needed:g} GiB are needed. "
            f"Free some space, or lower {DISK_VARIABLE}",
        )
    ]


def check_ports(ports: Iterable[Port]) -> list[Problem]:
    return [problem for port in ports for problem in _check_port(port)]


def _check_port(port: Port) -> list[Problem]:
    with socket.socket() as probe:
        # As servers do; without it a port closed a moment ago would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port.number))
        except (OSError, OverflowError) as refusal:
            return [_port_problem(port, refusal)]
    return []


def _port_problem(port: Port, refusal: OSError | OverflowError) -> Problem:
    in_use = isinstance(refusal, OSError) and refusal.errno == errno.EADDRINUSE
    zh, en = ("已被占用", "is in use") if in_use else (f"不能使用：{refusal}", f"cannot be used: {refusal}")
    return Problem(
        f"端口 {port.number}（{port.use}）{zh}。请停掉占用它的程序，或换一个端口：{port.variable}=<端口>",
        f"Port {port.number} ({port.use}) {en}. "
        f"Stop the program that has it, or choose another: {port.variable}=<port>",
    )


def check(directory: Path, ports: Iterable[Port] = (), *, maven: bool = False) -> list[Problem]:
    """Everything that would stop a start; maven only where Kafka has still to be fetched."""
    problems = [*check_python(), *check_java(), *check_disk(directory), *check_ports(ports)]
    return [*problems, *check_maven()] if maven else problems


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Checks this machine before set-up.")
    parser.add_argument("directory", nargs="?", default=".", type=Path, help="where the data will be")
    problems = check(parser.parse_args(arguments).directory, maven=True)
    for problem in problems:
        print(problem, file=sys.stderr)
    return FAILED if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
