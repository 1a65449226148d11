"""A handheld's screen and keys on a terminal: Chinese first, English beside it; without a terminal, lines."""

import asyncio
import contextlib
import os
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from cli.handhelds.handheld import Handheld, Shown, State
from cli.handhelds.keypad import Keypad

STATES: dict[State, str] = {
    "connected": "[green]已连接 connected[/]",
    "away": "[yellow]未连接,回复先存着 no connection, answers are kept[/]",
    "denied": "[red]服务器拒绝登录 the broker refuses this name or password[/]",
    "unheard": "[yellow]回复还没有人收到,会再发 nobody hears the answers yet, they are said again[/]",
}
WORDS = {
    "1": "明白 ack",
    "2": "出发 start",
    "3": "到达 arrived",
    "4": "完成 done",
    "5": "不能 cannot",
    "6": "要支援 help",
    "9": "加重 worse",
}
_CHUNK = 1024


class Screen:
    """Prints what happens, a block each; nothing is drawn over."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def message(self, shown: Shown) -> None:
        """An emergency rings."""
        urgent = shown.message.lane == "emergency"
        if urgent:
            self._console.bell()
        self._console.print(panel(shown), style="bold" if urgent else "")

    def state(self, state: State) -> None:
        self._console.print(STATES[state])

    def prompt(self, handheld: Handheld, keypad: Keypad) -> None:
        """To what the next key answers, and which keys there are."""
        if keypad.outcomes:
            choices = "  ".join(f"{n} {escape(name)}" for n, name in enumerate(keypad.outcomes, start=1))
            self._console.print(f"[cyan]结果 outcome?[/] {choices}")
            return
        to = handheld.chosen
        name = (to.message.code or to.message.text) if to else "—"
        said = "".join(to.keys) if to else ""
        keys = "  ".join(f"{key} {words}" for key, words in WORDS.items())
        waits = f"  [yellow]待发 unsent {handheld.unsent}[/]" if handheld.unsent else ""
        self._console.print(f"[cyan]▶ {escape(name)}[/] [dim]{said}[/]  {keys}  ↑↓ /27  q 关机 off{waits}")


def panel(shown: Shown) -> RenderableType:
    """Text is text: no markup of a message does anything."""
    message = shown.message
    lane = "急事 EMERGENCY" if message.lane == "emergency" else "日常 routine"
    at = f"{message.sent_at:%H:%M:%S}" if message.sent_at else ""
    marks = [lane, *(["演习 DRILL"] if message.drill else []), message.code, message.step, at]
    more = [Text(f"! {line}", style="yellow") for line in message.guard]
    if message.record:
        more.append(Text(f"记录 record: {' · '.join(message.record)}", style="dim"))
    title = escape(" · ".join(mark for mark in marks if mark))
    colour = "red" if message.lane == "emergency" else "blue"
    return Panel(Group(Text(message.text), *more), title=title, title_align="left", border_style=colour)


async def carry(handheld: Handheld, keypad: Keypad, screen: Screen) -> None:
    """Until it is switched off; the end of the input alone does not switch it off."""
    loop, typed = asyncio.get_running_loop(), asyncio.Queue[str]()
    running = asyncio.create_task(handheld.run())
    # A thread, for not every standard input can be watched by an event loop.
    threading.Thread(target=_read, args=(loop, typed), daemon=True).start()
    screen.prompt(handheld, keypad)
    try:
        with _single_keys() as single:
            while not keypad.off:
                text = await typed.get()
                keypad.typed(text) if single else keypad.line(text)
                screen.prompt(handheld, keypad)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _read(loop: asyncio.AbstractEventLoop, typed: asyncio.Queue[str]) -> None:
    single, number, left = sys.stdin.isatty(), sys.stdin.fileno(), b""
    while found := os.read(number, _CHUNK):
        *whole, left = [found, b""] if single else (left + found).split(b"\n")
        for part in whole:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(typed.put_nowait, part.decode(errors="replace"))


@contextmanager
def _single_keys() -> Iterator[bool]:
    """Whether a key counts without Enter; the terminal is left as it was."""
    if not sys.stdin.isatty():
        yield False
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
