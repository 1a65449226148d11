"""What an installation on this machine is made of, and who holds its place."""

import fcntl
import os
from datetime import timedelta
from pathlib import Path

import pytest

from cli.demo import EVENING, LEAD_S, clear, fast_clock
from cli.demoing.evening import read_evening
from cli.installation import holder_of, parts
from deploy.local.preflight import PreflightFailed
from shared.platform.clock import Clock


def test_a_lane_is_a_process_with_a_port_of_its_own() -> None:
    assert {part.name: part.port for part in parts({})} == {
        "intake": 8101,
        "dispatch-emergency": 8102,
        "dispatch-routine": 8112,
        "escalation-emergency": 8103,
        "escalation-routine": 8113,
        "notify-emergency": 8125,
        "notify-routine": 8135,
        "notify": 8105,
        "register": 8104,
    }


@pytest.mark.parametrize("part", parts({}))
def test_each_port_moves_by_its_variable(part: object) -> None:
    moved = parts({part.variable: "4711"})  # type: ignore[attr-defined]
    assert [p.name for p in moved if p.port == 4711] == [part.name]  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "81.5"])
def test_what_is_no_port_is_named(text: str) -> None:
    with pytest.raises(PreflightFailed, match="BAOSHI_INTAKE_PORT"):
        parts({"BAOSHI_INTAKE_PORT": text})


def test_nobody_holds_a_place_that_is_not_there_or_was_left(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "nowhere") is None
    (tmp_path / "lock").write_text("4711\n")
    assert holder_of(tmp_path) is None


def test_the_holder_is_named_as_long_as_it_holds(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        assert holder_of(tmp_path) == os.getpid()
    assert holder_of(tmp_path) is None


def test_the_last_demos_data_go_and_the_lock_stays(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "mongo-data").mkdir()
    (tmp_path / "mongo-data" / "x").touch()
    (tmp_path / "intake.log").touch()
    clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_the_fast_clock_shows_the_evenings_hour_once_everything_is_ready() -> None:
    evening = read_evening(EVENING.read_text(encoding="utf-8"))
    fields = fast_clock(evening)
    clock = Clock(fields["clock_speed"], fields["clock_origin"], fields["clock_start"])
    assert clock.at(fields["clock_origin"] + timedelta(seconds=LEAD_S)) == evening.begins
