"""Paging systems and control stations of ESPA 4.4.4 in threads of their own, over TCP or a pseudo-terminal.

Written from the specification, not from ours: bytes one at a time, the block check counted column by column.
"""

import os
import select
import socket
import threading
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from tests.support.stack import free_ports

SOH, STX, ETX, EOT, ENQ, ACK, NAK = (bytes([n]) for n in (1, 2, 3, 4, 5, 6, 21))


def parity(block: bytes) -> int:
    """The check of a block, SOH left out: every bit column has an even number of ones with it."""
    columns = (sum(byte >> bit & 1 for byte in block) for bit in range(7))
    return sum((ones % 2) << bit for bit, ones in enumerate(columns))


class Died(Exception):
    """The other side is gone, or this one is to be."""


class Wire:
    """One connection, byte by byte."""

    def __init__(self, number: int, ending: threading.Event) -> None:
        self._number, self._ending = number, ending

    def byte(self, seconds: float = 3600.0) -> bytes:
        """Empty after silence."""
        for _ in range(max(1, int(seconds / 0.02))):
            if self._ending.is_set():
                raise Died
            if select.select([self._number], [], [], 0.02)[0]:
                try:
                    found = os.read(self._number, 1)
                except OSError as gone:
                    raise Died from gone
                if not found:
                    raise Died
                return found
        return b""

    def write(self, data: bytes) -> None:
        try:
            os.write(self._number, data)
        except OSError as gone:
            raise Died from gone


class Equipment(Protocol):
    def converse(self, wire: Wire) -> None: ...


def _acted(wire: Wire, action: str) -> bool:
    """Plays an answer; whether it was a yes."""
    answers = {
        "ack": ACK, "busy": b"2" + NAK, "nak": b"1" + NAK, "bare_nak": NAK, "nak_3": b"3" + NAK, "eot": EOT,
        "silent": b"", "noise": b"\x00\x7f?x\xff1" + ACK,
    }  # fmt: skip
    if action == "die":
        raise Died
    wire.write(answers[action])
    return action in ("ack", "noise")


class PagingSystem:
    """Stations that take pages, and say what they have to say when they are polled.

    `selected` and `blocks` are what is answered next, "ack" when they are used up; `says`: blocks of a station.
    """

    def __init__(self, selected: Sequence[str] = (), blocks: Sequence[str] = (), stations: str = "2") -> None:
        self.selected, self.blocks, self.stations = list(selected), list(blocks), stations
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.says: dict[str, list[bytes]] = {}
        self.received, self.unsound, self.polls, self.said = 0, 0, list[str](), list[bytes]()

    def converse(self, wire: Wire) -> None:
        before, polled = b"", ""
        while True:
            byte = wire.byte()
            if byte == EOT:
                polled = ""
            elif byte == ENQ and polled:
                if before.decode() in self.stations:
                    self._is_selected(wire, before.decode())
                    polled = ""
            elif byte == ENQ:
                polled = before.decode("latin-1")
                if polled in self.stations:
                    self._is_polled(wire, polled)
                    polled = ""
            before = byte

    def _is_selected(self, wire: Wire, station: str) -> None:
        if not _acted(wire, self.selected.pop(0) if self.selected else "ack"):
            return
        while (block := self._block(wire)) is not None:
            self.received += 1
            if parity(block[:-1]) != block[-1]:
                self.unsound += 1
                wire.write(b"1" + NAK)
            elif _acted(wire, self.blocks.pop(0) if self.blocks else "ack"):
                records = (r.split(b"\x1f") for r in block[2:-2].split(b"\x1e"))
                self.calls.append((station, {k.decode(): v.decode() for k, v in records}))

    def _is_polled(self, wire: Wire, station: str) -> None:
        self.polls.append(station)
        if not self.says.get(station):
            wire.write(EOT)
            return
        wire.write(b"1" + ENQ)
        assert wire.byte(3) == ACK
        for block in list(self.says[station]):
            wire.write(block)
            answer = wire.byte(3)
            if answer == ACK:
                self.said.append(block)
            else:
                assert (answer, wire.byte(3)) == (b"1", NAK)
            self.says[station].remove(block)
        wire.write(EOT)

    @staticmethod
    def _block(wire: Wire) -> bytes | None:
        while (byte := wire.byte(5)) != SOH:
            if byte in (EOT, b""):
                return None
        block = b""
        while not block.endswith(ETX):
            block += wire.byte(5)
        return block + wire.byte(5)


class ControlStation(PagingSystem):
    """Polls `addresses` in turn, and takes the pages of whoever selects it."""

    def __init__(self, addresses: str = "324", selected: Sequence[str] = (), blocks: Sequence[str] = ()) -> None:
        super().__init__(selected, blocks, "1")
        self.addresses, self.idle = addresses, 0
        self.gives, self.given = list[bytes](), list[bytes]()
        self.pause = threading.Event()

    def converse(self, wire: Wire) -> None:
        while True:
            for address in self.addresses:
                while self.pause.is_set():
                    wire.byte(0.02)
                if self.gives:
                    self._give(wire)
                wire.write(address.encode() + ENQ)
                answer = wire.byte(0.15)
                if answer == EOT:
                    self.idle += 1
                elif answer == b"1" and wire.byte(1) == ENQ:
                    self._is_selected(wire, address)
                else:
                    wire.write(EOT)

    def _give(self, wire: Wire) -> None:
        """Selects station 2 as a control station does, polling itself first."""
        wire.write(b"1" + ENQ + b"2" + ENQ)
        if wire.byte(0.3) == ACK:
            wire.write(self.gives.pop(0))
            self.given.append(wire.byte(3))
        wire.write(EOT)


@contextmanager
def over_tcp(equipment: Equipment) -> Iterator[int]:
    """Its port; one connection after the other, until it dies."""
    ending = threading.Event()
    [port] = free_ports(1)
    server = socket.create_server(("127.0.0.1", port))
    thread = threading.Thread(target=_serve, args=(server, equipment, ending))
    thread.start()
    try:
        yield port
    finally:
        ending.set()
        thread.join()
        server.close()


def _serve(server: socket.socket, equipment: Equipment, ending: threading.Event) -> None:
    server.settimeout(0.05)
    while not ending.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        with connection:
            try:
                equipment.converse(Wire(connection.fileno(), ending))
            except Died:
                continue


@contextmanager
def over_serial(equipment: Equipment) -> Iterator[str]:
    """The path of its serial line; when it dies the line is pulled out."""
    ending = threading.Event()
    ours, theirs = os.openpty()
    tty.setraw(theirs)

    def play() -> None:
        try:
            equipment.converse(Wire(ours, ending))
        except Died:
            os.close(theirs)
            os.close(ours)

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        ending.set()
        thread.join()
