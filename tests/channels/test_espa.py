"""ESPA 4.4.4: frames as published, and dialogues with paging systems over TCP and over a serial line."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from services.notify.channels.channel import Heard, Outcome, Page, Refused, Retry, Sent, Site
from services.notify.channels.espa import Espa, Options
from services.notify.channels.espa_frames import Asked, Block, Control, Tokens, Turns, block, block_check
from shared.contracts.vocabulary import Lane
from shared.domain.estates.devices import DeviceChannel
from tests.support.installation import until
from tests.support.peers.espa_paging import ControlStation, Equipment, PagingSystem, over_serial, over_tcp

_NAMES = {"SOH": 1, "STX": 2, "ETX": 3, "EOT": 4, "ENQ": 5, "ACK": 6, "NAK": 21, "RS": 30, "US": 31}
_QUICK = {"reply_s": 0.4, "dialogue_s": 5.0, "line_wait_s": 0.2, "reopen_s": 0.1, "polled_within_s": 1.5}


def spelled(text: str) -> bytes:
    """`SOH 1 STX 1 US 550 RS 2 US CALL_ME` as manuals print it; `_` is a space."""
    return b"".join(
        bytes([_NAMES[word]]) if word in _NAMES else word.replace("_", " ").encode() for word in text.split()
    )


def checked_by_columns(covered: bytes) -> int:
    """A second reading of the specification: with the check, each bit is set an even number of times."""
    rows = [f"{byte:07b}" for byte in covered]
    return int("".join("1" if column.count("1") % 2 else "0" for column in zip(*rows, strict=True)), 2)


# wiki.zenitel.com/wiki/ESPA_4.4.4, "Message example" (what AlphaCom sends, check not shown)
ZENITEL = "SOH 1 STX 1 US 550 RS 2 US CALL_ME_101 RS 3 US 3 RS 4 US 3 RS 5 US 3 RS 6 US 3 ETX"
# the same page's hex values, which have a space after STX
ZENITEL_HEX = bytes.fromhex(
    "01 31 02 20 31 1F 35 35 30 1E 32 1F 43 41 4C 4C 20 4D 45 20"
    "31 30 31 1E 33 1F 33 1E 34 1F 33 1E 35 1F 33 1E 36 1F 33 03"
)
# Avaya, DECT Messenger Installation and Commissioning, Book 2 (CS1000 release 7.5), page 232, table 17
AVAYA = "SOH 1 STX 1 US 12345 RS 2 US The_message RS 3 US 9 RS 4 US 3 RS 6 US 3 ETX"
# the same book, page 240: a page of priority 2
AVAYA_HIGH = "SOH 1 STX 1 US 4567 RS 2 US Example RS 3 US 1 RS 6 US 2 ETX"
PUBLISHED = [
    (ZENITEL, [("1", "550"), ("2", "CALL ME 101"), ("3", "3"), ("4", "3"), ("5", "3"), ("6", "3")]),
    (AVAYA, [("1", "12345"), ("2", "The message"), ("3", "9"), ("4", "3"), ("6", "3")]),
    (AVAYA_HIGH, [("1", "4567"), ("2", "Example"), ("3", "1"), ("6", "2")]),
]


@pytest.mark.parametrize(("printed", "records"), PUBLISHED)
def test_a_published_frame_is_written_as_it_is_printed(printed: str, records: list[tuple[str, str]]) -> None:
    frame = block("1", records)
    assert frame[:-1] == spelled(printed)
    assert frame[-1] == checked_by_columns(frame[1:-1])


@pytest.mark.parametrize(("printed", "records"), PUBLISHED)
def test_a_published_frame_is_read_as_it_is_meant(printed: str, records: list[tuple[str, str]]) -> None:
    frame = spelled(printed)
    check = checked_by_columns(frame[1:])
    assert list(Tokens().feed(frame + bytes([check]))) == [Block("1", tuple(records), sound=True)]
    assert list(Tokens().feed(frame + bytes([check ^ 1]))) == [Block("1", tuple(records), sound=False)]


def test_the_published_hex_with_its_stray_space_is_read_too() -> None:
    [read] = Tokens().feed(ZENITEL_HEX + bytes([checked_by_columns(ZENITEL_HEX[1:])]))
    assert read == Block("1", tuple(PUBLISHED[0][1]), sound=True)


def test_the_block_check_is_the_even_parity_of_every_column() -> None:
    chance = random.Random(444)
    for _ in range(2000):
        covered = bytes(chance.randrange(128) for _ in range(chance.randint(1, 150)))
        assert block_check(covered) == checked_by_columns(covered)
    # SOH 1 STX 1 US A ETX, by hand: 31 ^ 02 ^ 31 ^ 1F ^ 41 ^ 03
    assert block("1", [("1", "A")])[-1] == 0x5F


def test_a_check_that_looks_like_a_control_character_is_still_a_check() -> None:
    seen = set()
    for number in range(0x21 * 0x5E, 0x7F * 0x5E):
        records = (("1", "4567"), ("2", f"LIFT {chr(number // 0x5E)}{chr(0x21 + number % 0x5E)}"))
        frame = block("1", records)
        assert list(Tokens().feed(frame)) == [Block("1", records, sound=True)]
        seen.add(frame[-1])
    assert {1, 3, 4, 5, 6} <= seen


def test_no_text_ends_its_block_or_leaves_seven_bits() -> None:
    frame = block("1", [("1", "7"), ("2", "A\x03B\x04C\x00D\r\nE\x1eF急")])
    assert list(Tokens().feed(frame)) == [Block("1", (("1", "7"), ("2", "A B C D  E F?")), sound=True)]
    assert max(frame) < 0x80


@pytest.mark.parametrize(
    ("heard", "tokens"),
    [
        ("EOT 2 ENQ", [Control(4), Asked("2")]),
        ("1 ENQ 2 ENQ", [Asked("1"), Asked("2")]),
        ("1 NAK", [Control(21, "1")]),
        ("x NAK", [Control(21)]),
        ("xyz ACK ENQ", [Control(6)]),
        ("SOH 1 STX 1 US EOT ACK", [Control(4), Control(6)]),
        ("SOH 1 STX SOH 1 STX 1 US A ETX _", [Block("1", (("1", "A"),), sound=False)]),
        ("SOH 2 STX 1 US A RS ETX A", [Block("2", (("1", "A"),), sound=False)]),
    ],
)
def test_tokens_are_found_between_garbage(heard: str, tokens: list[Any]) -> None:
    assert list(Tokens().feed(spelled(heard))) == tokens
    bytewise = Tokens()
    assert [t for byte in spelled(heard) for t in bytewise.feed(bytes([byte | 0x80]))] == tokens


def test_a_block_without_an_end_is_given_up() -> None:
    tokens = Tokens()
    assert list(tokens.feed(b"\x01" + b"x" * 5000 + b"\x06")) == [Control(6)]


def test_only_the_first_to_be_asked_after_an_end_is_polled() -> None:
    turns = Turns()
    heard: list[Any] = [Asked("1"), Asked("2"), Control(4), Asked("2"), None, Asked("2"), Block("1", (), True)]
    assert [turns.hears(token) for token in heard] == [
        ("1", None), (None, "2"), (None, None), ("2", None), (None, None), ("2", None), (None, None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [{}, {"device": "/dev/ttyS0", "host": "a"}, {"device": "ttyS0"}, {"host": "a", "polls": ["22"]},
     {"host": "a", "role": "station", "polls": ["3"]}, {"host": "a", "own": "x"}, {"host": "a", "unknown": 1}],
)  # fmt: skip
def test_an_option_that_cannot_work_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


def test_it_says_what_it_can() -> None:
    can = Espa.can(Options(host="a", air_bits_per_s=1200))
    assert (can.receipt, can.length, can.charset, can.two_way, can.open) == ("accepted", 80, "ascii", False, True)
    assert can.air is not None and can.air.seconds("x" * 80) == 0.8
    assert Espa.can(Options(host="a")).air is None


Over = Callable[[Equipment], AbstractContextManager[Any]]
both = pytest.mark.parametrize("over", [over_tcp, over_serial])


def options_at(where: int | str, **more: Any) -> Options:
    # A pseudo-terminal has no parity bits.
    line = {"host": "127.0.0.1", "port": where} if isinstance(where, int) else {"device": where, "frame": "8N1"}
    return Options.model_validate({**line, **_QUICK, **more})


async def _heard(_what: Heard) -> None:
    raise AssertionError("a pager says nothing")


@asynccontextmanager
async def espa_at(where: int | str, **more: Any) -> AsyncIterator[Espa]:
    row = DeviceChannel(id="pagers", kind="espa")
    channel = Espa(Site("qinghe", row, None, _heard, "test"), options_at(where, **more))
    try:
        yield channel
    finally:
        await channel.close()


def page(text: str = "17 LIFT 3 STUCK", address: str = "4567", lane: Lane = "emergency") -> Page:
    return Page("a" * 32, "qinghe", address, text, lane, "17", False, 60.0)


async def sent(over: Over, system: PagingSystem, **more: Any) -> Outcome:
    with over(system) as where:
        async with espa_at(where, **more) as channel:
            return await channel.send(page())


@both
async def test_a_page_reaches_the_paging_system(over: Over) -> None:
    system = PagingSystem()
    with over(system) as where:
        async with espa_at(where, transmissions=2) as channel:
            assert await channel.send(page()) == Sent("accepted")
            assert await channel.send(page("18 LAMP", "3/99", "routine")) == Retry(1.0, "no_answer")
            assert await channel.send(page("18 LAMP", "99", "routine")) == Sent("accepted")
    urgent = {"1": "4567", "2": "17 LIFT 3 STUCK", "3": "3", "4": "3", "5": "2", "6": "1"}
    assert system.calls == [
        ("2", urgent),
        ("2", {"1": "99", "2": "18 LAMP", "3": "1", "4": "3", "5": "2", "6": "3"}),
    ]
    assert system.unsound == 0


async def test_an_address_can_name_its_station() -> None:
    system = PagingSystem(stations="23")
    with over_tcp(system) as port:
        async with espa_at(port) as channel:
            assert await channel.send(page(address="3/99")) == Sent("accepted")
            assert await channel.send(page(address="x/99")) == Refused("bad_address")
            assert await channel.send(page(address="3/")) == Refused("bad_address")
    assert [(station, call["1"]) for station, call in system.calls] == [("3", "99")]


@both
@pytest.mark.parametrize(
    ("selected", "blocks", "outcome", "received"),
    [
        (["ack"], ["nak", "ack"], Sent("accepted"), 2),
        (["ack"], ["bare_nak", "nak", "ack"], Sent("accepted"), 3),
        (["ack"], ["nak"] * 9, Refused("nak"), 3),
        (["ack"], ["nak_3"], Refused("nak_3"), 1),
        (["ack"], ["silent", "ack"], Sent("accepted"), 2),
        (["ack"], ["silent"] * 9, Retry(1.0, "no_answer"), 3),
        (["ack"], ["eot"], Retry(1.0, "broken_off"), 1),
        (["ack"], ["noise"], Sent("accepted"), 1),
        (["ack"], ["die"], Retry(1.0, "connection_lost"), 1),
        (["noise"], [], Sent("accepted"), 1),
        (["busy"], [], Retry(1.0, "busy"), 0),
        (["eot"], [], Retry(1.0, "busy"), 0),
        (["silent"], [], Retry(1.0, "no_answer"), 0),
        (["die"], [], Retry(1.0, "connection_lost"), 0),
    ],
)
async def test_every_answer_has_its_outcome(
    over: Over, selected: list[str], blocks: list[str], outcome: Outcome, received: int
) -> None:
    system = PagingSystem(selected, blocks)
    assert await sent(over, system) == outcome
    assert system.received == received


async def test_a_paging_system_that_dies_is_tried_again() -> None:
    system = PagingSystem(blocks=["die"])
    with over_tcp(system) as port:
        async with espa_at(port) as channel:
            assert await channel.send(page()) == Retry(1.0, "connection_lost")
            assert await channel.send(page()) == Sent("accepted")


async def test_a_line_that_is_not_there_is_said_so() -> None:
    async with espa_at("/dev/tty-of-nobody") as serial, espa_at("/dev/null") as null, espa_at(1) as tcp:
        assert await serial.send(page()) == Retry(1.0, "no_line")
        assert await null.send(page()) == Retry(1.0, "no_line")
        assert await tcp.send(page()) == Retry(1.0, "no_line")


async def test_a_whole_page_is_bounded() -> None:
    assert await sent(over_tcp, PagingSystem(blocks=["silent"] * 9), dialogue_s=0.5) == Retry(1.0, "too_slow")


HOLDER = """
import fcntl, os, sys
line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(line, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""


async def _holder(where: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, where, stdin=pipe, stdout=pipe)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    return holder


async def test_a_line_that_another_process_holds_is_waited_for_and_then_given_up() -> None:
    system = PagingSystem()
    with over_serial(system) as where:
        holder = await _holder(where)
        async with espa_at(where) as hasty, espa_at(where, line_wait_s=20.0, dialogue_s=30.0) as patient:
            assert await hasty.send(page()) == Retry(1.0, "line_taken")
            waiting = asyncio.create_task(patient.send(page()))
            assert await hasty.send(page()) == Retry(1.0, "line_taken")
            assert not waiting.done() and system.received == 0
            holder.kill()
            assert await waiting == Sent("accepted")
        await holder.wait()


async def test_the_lanes_share_a_serial_line_page_by_page() -> None:
    system = PagingSystem()
    with over_serial(system) as where:
        async with (
            espa_at(where, line_wait_s=20.0, dialogue_s=40.0) as one,
            espa_at(where, line_wait_s=20.0) as two,
        ):
            routine = [one.send(page(f"R{n}", lane="routine")) for n in range(10)]
            urgent = [two.send(page(f"E{n}")) for n in range(5)]
            assert set(await asyncio.gather(*routine, *urgent)) == {Sent("accepted")}
    texts = [call["2"] for _, call in system.calls]
    assert sorted(texts) == sorted([f"R{n}" for n in range(10)] + [f"E{n}" for n in range(5)])
    assert system.unsound == 0


async def test_a_cancelled_page_leaves_the_line_free() -> None:
    system = PagingSystem(blocks=["silent"])
    with over_serial(system) as where:
        async with espa_at(where, reply_s=30.0, dialogue_s=30.0) as channel:
            sending = asyncio.create_task(channel.send(page()))

            async def received() -> bool:
                return system.received == 1

            assert await until(received)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert await channel.send(page()) == Sent("accepted")


@both
async def test_stations_are_polled_and_what_they_say_is_taken(over: Over) -> None:
    system = PagingSystem(stations="245")
    good, spoilt = block("2", [("1", "4567"), ("7", "3")]), bytearray(block("2", [("1", "4567"), ("7", "5")]))
    spoilt[-1] ^= 1
    system.says["4"] = [bytes(spoilt), good]
    with over(system) as where:
        async with espa_at(where, polls=["4", "9", "5"], poll_every_s=0.1) as channel:
            listening = asyncio.create_task(channel.listen())

            async def polled() -> bool:
                return system.polls.count("4") > 1 and system.polls.count("5") > 1

            assert await until(polled)
            assert await channel.send(page()) == Sent("accepted")
            listening.cancel()
            await asyncio.wait([listening])
    assert system.said == [good]
    assert set(system.polls) == {"4", "5"}


@both
async def test_a_polled_station_ends_idle_polls_and_speaks_when_it_has_a_page(over: Over) -> None:
    control = ControlStation()
    with over(control) as where:
        async with espa_at(where, role="station") as channel:
            listening = asyncio.create_task(channel.listen())

            async def idle() -> bool:
                return control.idle > 3

            assert await until(idle)
            sending = [channel.send(page(f"P{n}", lane="routine")) for n in range(3)]
            assert set(await asyncio.gather(*sending, channel.send(page("E")))) == {Sent("accepted")}
            listening.cancel()
            await asyncio.wait([listening])
    assert {station for station, _ in control.calls} == {"2"}
    assert sorted(call["2"] for _, call in control.calls) == ["E", "P0", "P1", "P2"]
    assert control.unsound == 0


@both
async def test_a_polled_station_takes_what_it_is_given_and_still_speaks(over: Over) -> None:
    control = ControlStation()
    spoilt = bytearray(block("2", [("1", "4567")]))
    spoilt[-1] ^= 1
    control.gives = [block("2", [("1", "4567"), ("7", "3")]), bytes(spoilt)]
    with over(control) as where:
        async with espa_at(where, role="station") as channel:
            assert await channel.send(page()) == Sent("accepted")

            async def given() -> bool:
                return len(control.given) == 2

            assert await until(given)
    assert control.given == [b"\x06", b"1"]


async def test_an_emergency_speaks_first_when_the_poll_comes() -> None:
    control = ControlStation()
    control.pause.set()
    with over_tcp(control) as port:
        async with espa_at(port, role="station", polled_within_s=20.0) as channel:
            pages = [page("R0", lane="routine"), page("R1", lane="routine"), page("E")]
            sending = [asyncio.create_task(channel.send(each)) for each in pages]
            await asyncio.sleep(0.2)
            control.pause.clear()
            assert set(await asyncio.gather(*sending)) == {Sent("accepted")}
    assert [call["2"] for _, call in control.calls] == ["E", "R0", "R1"]


@both
@pytest.mark.parametrize(
    ("selected", "blocks", "outcome"),
    [
        (["busy"], [], Retry(1.0, "busy")),
        ([], ["nak", "ack"], Sent("accepted")),
        ([], ["nak"] * 9, Refused("nak")),
        ([], ["eot"], Retry(1.0, "broken_off")),
        ([], ["die"], Retry(1.0, "connection_lost")),
    ],
)
async def test_a_control_stations_answers_have_their_outcomes(
    over: Over, selected: list[str], blocks: list[str], outcome: Outcome
) -> None:
    assert await sent(over, ControlStation(selected=selected, blocks=blocks), role="station") == outcome


async def test_a_page_that_is_not_polled_for_is_withdrawn() -> None:
    control = ControlStation(addresses="34")
    with over_tcp(control) as port:
        async with espa_at(port, role="station", polled_within_s=0.6) as channel:
            assert await channel.send(page("OLD")) == Retry(1.0, "not_polled")
            control.addresses = "2"
            assert await channel.send(page("NEW")) == Sent("accepted")
    assert [call["2"] for _, call in control.calls] == ["NEW"]


async def test_a_station_opens_its_line_again_after_the_other_side_died() -> None:
    control = ControlStation(blocks=["die"])
    with over_tcp(control) as port:
        async with espa_at(port, role="station", polled_within_s=10.0) as channel:
            assert await channel.send(page()) == Retry(1.0, "connection_lost")
            assert await channel.send(page()) == Sent("accepted")


async def test_a_line_of_a_station_serves_one_process() -> None:
    control = ControlStation()
    with over_serial(control) as where:
        async with espa_at(where, role="station") as first, espa_at(where, role="station") as second:
            assert await first.send(page()) == Sent("accepted")
            assert await second.send(page()) == Retry(1.0, "line_taken")
