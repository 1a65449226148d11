"""The simulated handheld: as a process on a real broker, and its keys."""

import asyncio
import contextlib
import io
import os
import signal
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.console import Console

from cli.handhelds.handheld import Handheld, Shown
from cli.handhelds.keypad import Keypad
from cli.handhelds.terminal import panel
from services.notify.channels.channel import Answer, Heard, Page, Sent, Sign, Site
from services.notify.channels.mqtt import Mqtt, Options
from services.notify.channels.mqtt_link import Broker
from services.notify.channels.mqtt_topics import AnswerSaid, Message
from shared.domain.estates.devices import DeviceChannel
from tests.support.installation import ROOT, until
from tests.support.peers.mosquitto import ESTATE, Mosquitto, mosquitto

POST = "gate-south"
_START = "import typer\nfrom cli.handheld import mount\napp = typer.Typer()\nmount(app)\napp()\n"


def _command(broker: Mosquitto) -> list[str]:
    where = ["--estate", ESTATE, "--post", POST, "--broker", f"127.0.0.1:{broker.port}"]
    return [sys.executable, "-c", _START, *where]


def _environment(broker: Mosquitto) -> dict[str, str]:
    password = broker.as_post(POST).password or ""
    return {**os.environ, "BAOSHI_HANDHELD_PASSWORD": password, "COLUMNS": "160", "TERM": "xterm"}


class Process:
    """`baoshi handheld` without a terminal: lines in, lines out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.printed = process, ""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout
        while found := await self.process.stdout.read(4096):
            self.printed += found.decode(errors="replace")

    async def shows(self, text: str) -> bool:
        return text in self.printed

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())


@asynccontextmanager
async def handheld_process(broker: Mosquitto) -> AsyncIterator[Process]:
    """Connected when this enters; killed at the end if it is still there."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *_command(broker), stdin=pipe, stdout=pipe, cwd=ROOT, env=_environment(broker)
    )
    found = Process(process)
    try:
        assert await until(lambda: found.shows("已连接"), 30), found.printed
        yield found
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        found._reading.cancel()


@asynccontextmanager
async def notify(broker: Mosquitto, heard: list[Heard]) -> AsyncIterator[Mqtt]:
    """Sends and listens."""

    async def hear(one: Heard) -> None:
        heard.append(one)

    site = Site(ESTATE, DeviceChannel(id="radio", kind="mqtt"), broker.secret("notify"), hear, "line.1")
    channel = Mqtt(site, Options(host="127.0.0.1", port=broker.port, username="notify"))
    listening = asyncio.create_task(channel.listen())
    try:
        yield channel
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await channel.close()


def page(text: str = "27 救护车到南门", **more: object) -> Page:
    fields = {
        "ref": "ab" * 16,
        "estate": ESTATE,
        "address": POST,
        "lane": "emergency",
        "code": "27",
        "drill": False,
    }
    return Page(**{**fields, "text": text, "seconds_left": 60.0, **more})  # type: ignore[arg-type]


def _answers(heard: list[Heard]) -> list[tuple[str | None, str | None, str]]:
    return [(one.code, one.key, one.words) for one in heard if isinstance(one, Answer)]


async def _is(found: bool) -> bool:
    return found


async def _lost(heard: list[Heard]) -> bool:
    return Sign(ESTATE, "radio", POST, alive=False) in heard


async def test_a_message_appears_and_a_key_answers_it() -> None:
    heard: list[Heard] = []
    async with mosquitto() as broker, notify(broker, heard) as channel, handheld_process(broker) as handheld:
        assert await channel.send(page(drill=True, guard=("不乘电梯",), record=("车牌",))) == Sent()
        assert await until(lambda: handheld.shows("27 救护车到南门"), 10)
        for seen in ("急事", "演习", "不乘电梯", "车牌", "1 明白 ack"):
            assert await until(lambda seen=seen: handheld.shows(seen), 5), seen
        handheld.type("1")
        handheld.type("6 来人")
        assert await until(lambda: _is(_answers(heard) == [("27", "1", ""), ("27", "6", "来人")]), 10)


async def test_on_a_terminal_one_key_is_enough_and_an_emergency_rings() -> None:
    heard: list[Heard] = []
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    before, printed = termios.tcgetattr(theirs), b""

    async def shows(text: str) -> bool:
        nonlocal printed
        with contextlib.suppress(BlockingIOError):
            printed += os.read(ours, 65_536)
        return text.encode() in printed

    async with mosquitto() as broker, notify(broker, heard) as channel:
        process = await asyncio.create_subprocess_exec(
            *_command(broker), stdin=theirs, stdout=theirs, cwd=ROOT, env=_environment(broker)
        )
        try:
            assert await until(lambda: shows("已连接"), 30)
            await channel.send(page())
            await channel.send(page("31 去看", ref="cd" * 16, code="31", lane="routine"))
            assert await until(lambda: shows("31 去看"), 10)
            assert printed.count(b"\a") == 1
            os.write(ours, b"\x1b[A1")
            assert await until(lambda: _is(_answers(heard) == [("27", "1", "")]), 10)
            os.write(ours, b"q")
            assert await asyncio.wait_for(process.wait(), 10) == 0
            assert termios.tcgetattr(theirs) == before
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            os.close(ours)
            os.close(theirs)


async def test_it_says_that_it_is_lost_when_it_is_killed() -> None:
    heard: list[Heard] = []
    async with mosquitto() as broker, notify(broker, heard), handheld_process(broker) as handheld:
        handheld.process.kill()
        assert await until(lambda: _lost(heard), 10)


@pytest.mark.parametrize("way", ["q", "SIGTERM", "SIGINT"])
async def test_it_ends_quietly_when_it_is_switched_off_and_the_broker_says_so(way: str) -> None:
    heard: list[Heard] = []
    async with mosquitto() as broker, notify(broker, heard), handheld_process(broker) as handheld:
        handheld.type("q") if way == "q" else handheld.process.send_signal(signal.Signals[way])
        assert await asyncio.wait_for(handheld.process.wait(), 10) == 0
        assert await until(lambda: _lost(heard), 10)
        assert "Traceback" not in handheld.printed


async def test_what_is_answered_without_a_connection_is_sent_later_with_the_time_it_was_said() -> None:
    heard: list[Heard] = []
    async with mosquitto() as broker, notify(broker, heard) as channel, handheld_process(broker) as handheld:
        await channel.send(page())
        assert await until(lambda: handheld.shows("救护车"), 10)
        assert await until(lambda: _is(bool(heard)), 10)
        broker.kill()
        assert await until(lambda: handheld.shows("未连接"), 10)
        handheld.type("1")
        handheld.type("2")
        assert await until(lambda: handheld.shows("待发 unsent 2"), 10)
        await broker.start()
        assert await until(lambda: _is(_answers(heard) == [("27", "1", ""), ("27", "2", "")]), 60)
    first, second = [one for one in heard if isinstance(one, Answer)]
    assert first.said_at and second.said_at and first.said_at < second.said_at


async def test_the_end_of_its_input_does_not_switch_it_off() -> None:
    async with mosquitto() as broker, notify(broker, []) as channel, handheld_process(broker) as handheld:
        assert handheld.process.stdin
        handheld.process.stdin.close()
        await asyncio.sleep(0.3)
        assert await channel.send(page()) == Sent()
        assert await until(lambda: handheld.shows("救护车"), 10)


# Its keys.


class Carried(Handheld):
    """Not switched on; `said` is what it would say."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(Broker("127.0.0.1"), ESTATE, POST)
        self.said: list[AnswerSaid] = []
        for message in messages:
            self._take(message)

    def answer(self, key: str, *, words: str | None = None, outcome: str | None = None) -> AnswerSaid:
        self.said.append(super().answer(key, words=words, outcome=outcome))
        return self.said[-1]


def message(code: str | None, *outcomes: str) -> Message:
    return Message(ref=f"r{code}", text=f"{code} 去看", code=code, outcomes=outcomes)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("1", [("31", "1", None)]),
        ("123", [("31", "1", None), ("31", "2", None), ("31", "3", None)]),
        ("1414", [("31", "1", None), ("31", "4", None), ("29", "1", None), ("29", "4", None)]),
        ("51", [("31", "5", None), ("29", "1", None)]),
        ("k1", [("29", "1", None)]),
        ("\x1b[A\x1b[A1", [("27", "1", None)]),
        ("kkkkj1", [("29", "1", None)]),
        ("/271", [("27", "1", None)]),
        ("/991", [("31", "1", None)]),
        ("/2x1", [("31", "1", None)]),
        ("/2742", [("27", "4", "not_conveyed")]),
        ("/27491", [("27", "1", None)]),
        ("078x\x1b\r\n 12", [("31", "1", None), ("31", "2", None)]),
        ("", []),
    ],
)
async def test_a_key_answers_the_newest_message_that_is_unanswered_or_the_one_that_was_chosen(
    keys: str, said: list[tuple[str, str, str | None]]
) -> None:
    handheld = Carried(message("27", "conveyed", "not_conveyed"), message("29", "done"), message("31"))
    Keypad(handheld).typed(keys)
    assert [(one.code, one.key, one.outcome) for one in handheld.said] == said


async def test_each_press_is_an_answer_of_its_own_even_without_a_message() -> None:
    handheld = Carried()
    keypad = Keypad(handheld)
    keypad.typed("66j1")
    assert [(one.ref, one.key) for one in handheld.said] == [(None, "6"), (None, "6"), (None, "1")]
    assert len({one.id for one in handheld.said}) == 3


async def test_a_newer_message_is_answered_first_and_one_that_asks_for_nothing_is_not_in_the_way() -> None:
    handheld = Carried(message("27"))
    keypad = Keypad(handheld)
    keypad.typed("1")
    handheld._take(message(None))
    keypad.typed("2")
    handheld._take(message("29"))
    keypad.typed("1")
    assert [(one.code, one.key) for one in handheld.said] == [("27", "1"), ("27", "2"), ("29", "1")]


async def test_no_markup_of_a_message_does_anything() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(
        panel(Shown(Message(ref="r", text="[red]去[/] [link=x]门[/]", code="27", step="[bold]s", guard=("[i]",))))
    )
    found = console.export_text()
    assert "[red]去[/] [link=x]门[/]" in found and "[bold]s" in found and "[i]" in found
