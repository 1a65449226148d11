"""The spool: durable before it answers, in order, and whole again after any crash."""

import asyncio
import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.frames import Waiting, framed, frames
from services.intake.segments import DAMAGED, SUFFIX, Segments, SpoolFull
from services.intake.spool import Spool, claim
from shared.platform.errors import Unsafe
from shared.platform.records import Outgoing

SINCE = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
BIG = 1 << 20


def a_record(n: int, size: int = 10) -> Waiting:
    value = f'{{"n":{n},"text":"{"漏" * size}"}}'.encode()
    return Waiting(Outgoing("replies.routine", f"key-{n}", value, [("ce_id", str(n).encode())]), SINCE)


def opened(folder: Path, most: int = BIG, segment: int = BIG) -> Segments:
    segments = Segments(folder, most, segment)
    segments.open()
    return segments


def filled(folder: Path, count: int, segment: int = BIG) -> list[Waiting]:
    """A spool left by a process that ended without a word."""
    segments, records = opened(folder, segment=segment), [a_record(n) for n in range(count)]
    for record in records:
        segments.append(framed(record))
    return records


def drained(segments: Segments, most: int = 2) -> list[Waiting]:
    found: list[Waiting] = []
    while batch := segments.read(most):
        found += [waiting for waiting, _ in batch]
        segments.forget(batch[-1][1])
    return found


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


@pytest.mark.parametrize("segment", [1, 300, BIG])
def test_records_come_out_in_order_and_their_files_go(tmp_path: Path, segment: int) -> None:
    records = filled(tmp_path, 7, segment)
    again = Segments(tmp_path, BIG, segment)
    assert again.open() == 7
    assert drained(again) == records
    assert files(tmp_path) == []
    assert again.size == 0


def test_a_file_stays_until_all_of_it_is_sent(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    segments = opened(tmp_path)
    first, second, third = segments.read(3)
    segments.forget(second[1])
    assert len(files(tmp_path)) == 1
    segments.forget(third[1])
    assert files(tmp_path) == []
    assert first[0] == a_record(0)


def test_what_comes_while_it_is_drained_is_not_lost(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    segments.append(framed(a_record(0)))
    ((_, position),) = segments.read(5)
    segments.append(framed(a_record(1)))
    segments.forget(position)
    assert drained(segments) == [a_record(1)]


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(min_value=0), junk=st.binary(max_size=40))
def test_a_torn_tail_is_cut_and_nothing_before_it(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    records = filled(folder, 3)
    (path,) = files(folder)
    content = path.read_bytes()
    cut %= len(content)
    path.write_bytes(content[:cut] + junk)
    whole = [f.waiting for f in frames(content) if f.end <= cut]
    segments = Segments(folder, BIG, BIG)
    assert segments.open() == len(whole)
    assert sum(p.stat().st_size for p in files(folder)) == segments.size
    segments.append(framed(a_record(9)))
    assert drained(segments) == [*whole, a_record(9)]
    assert records[: len(whole)] == whole


def test_behind_a_damaged_place_the_rest_is_found_and_the_file_is_kept_aside(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    (path,) = files(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert drained(opened(tmp_path)) == [a_record(0), a_record(2)]
    assert [p.suffix for p in tmp_path.iterdir()] == [DAMAGED]


def test_a_full_spool_refuses_and_has_room_again_when_drained(tmp_path: Path) -> None:
    content = framed(a_record(0))
    segments = opened(tmp_path, most=len(content) * 2)
    segments.append(content)
    segments.append(content)
    with pytest.raises(SpoolFull):
        segments.append(content)
    assert segments.full
    assert len(drained(segments)) == 2
    segments.append(content)
    assert drained(segments) == [a_record(0)]


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_after_a_failing_disk_what_was_promised_stands_and_what_was_refused_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    segments = opened(tmp_path)
    segments.append(framed(a_record(0)))

    def fails(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, call, fails)
        with pytest.raises(SpoolFull):
            segments.append(framed(a_record(1)))
    segments.append(framed(a_record(2)))
    again = opened(tmp_path)
    assert drained(again) == [a_record(0), a_record(2)]


def test_every_file_and_folder_is_fsynced_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, synced = os.fsync, []

    def noted(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}"))
        real(file)

    monkeypatch.setattr(os, "fsync", noted)
    folder = tmp_path / "spool" / "emergency"
    segments = opened(folder)
    assert {str(tmp_path), str(tmp_path / "spool"), str(folder)} <= set(synced)
    synced.clear()
    segments.append(framed(a_record(0)))
    assert set(synced) == {str(folder), str(files(folder)[0])}


async def test_callers_at_one_moment_share_one_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool("routine", Segments(tmp_path, BIG, BIG))
    await spool.open()
    await spool.append([a_record(0)])
    real, synced = os.fsync, []
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), real(file)))
    await asyncio.gather(*(spool.append([a_record(n)]) for n in range(1, 41)))
    assert spool.unsent == 41
    assert len(synced) < 40
    assert [w for w, _ in await spool.read(100)] == [a_record(n) for n in range(41)]
    await spool.close()


async def test_who_was_refused_is_not_counted_as_waiting(tmp_path: Path) -> None:
    spool = Spool("routine", Segments(tmp_path, 10, BIG))
    await spool.open()
    with pytest.raises(SpoolFull):
        await spool.append([a_record(0)])
    assert spool.unsent == 0
    await spool.close()


def test_two_processes_do_not_share_a_spool(tmp_path: Path) -> None:
    held = claim(tmp_path)
    with pytest.raises(Unsafe, match="BAOSHI_STATE_DIR"):
        claim(tmp_path)
    os.close(held)
    os.close(claim(tmp_path))


def test_a_frame_gives_back_what_was_framed() -> None:
    waiting = a_record(3)._replace(since=SINCE + timedelta(milliseconds=7))
    (frame,) = frames(framed(waiting))
    assert frame.waiting == waiting
