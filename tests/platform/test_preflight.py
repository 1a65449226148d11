"""What stops a start says so in both languages, with the way out."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import preflight
from deploy.local.preflight import Port, PreflightFailed
from deploy.local.stack import LocalStack, StackPorts
from tests.support.stack import free_ports

SCRIPT = Path(preflight.__file__)


def test_port_in_use_is_named_with_the_variable_that_moves_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        problems = preflight.check_ports([Port(number, "Kafka", "BAOSHI_KAFKA_PORT")])

    assert len(problems) == 1
    assert f"端口 {number}（Kafka）已被占用" in problems[0].zh
    assert "BAOSHI_KAFKA_PORT=<端口>" in problems[0].zh
    assert f"Port {number} (Kafka) is in use" in problems[0].en
    assert "BAOSHI_KAFKA_PORT=<port>" in problems[0].en


def test_stack_starts_nothing_when_a_port_is_in_use(tmp_path: Path) -> None:
    kafka, controller, mongo = free_ports(3)
    stack = LocalStack(tmp_path, StackPorts(kafka, controller, mongo))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", mongo))
        taken.listen()
        with pytest.raises(PreflightFailed, match="BAOSHI_MONGO_PORT"):
            stack.start()
    assert not stack.kafka.process.alive()
    assert not stack.mongo.process.alive()


def test_port_that_is_no_port_is_refused() -> None:
    with pytest.raises(PreflightFailed, match="BAOSHI_KAFKA_PORT=kafka is no port"):
        StackPorts.from_environ({"BAOSHI_KAFKA_PORT": "kafka"})


def test_disk_needed_is_a_setting(tmp_path: Path) -> None:
    assert preflight.check_disk(tmp_path, {"BAOSHI_MIN_DISK_GIB": "0"}) == []
    [problem] = preflight.check_disk(tmp_path, {"BAOSHI_MIN_DISK_GIB": "1e9"})
    assert "BAOSHI_MIN_DISK_GIB" in problem.zh
    assert "BAOSHI_MIN_DISK_GIB" in problem.en
    [problem] = preflight.check_disk(tmp_path / "not" / "there", {"BAOSHI_MIN_DISK_GIB": "much"})
    assert "is not a number" in problem.en


def test_missing_tools_end_the_script_with_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "没有找到 java" in done.stderr
    assert "apt-get install maven" in done.stderr


@pytest.mark.parametrize(("said", "version"), [("1.8.0_412", 8), ("17.0.15", 17), ("21", 21)])
def test_java_versions_old_and_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, version: int
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{said}\" 2025-04-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert preflight.java_version() == version
    assert bool(preflight.check_java()) == (version < 17)
