"""`baoshi handheld`: a handheld radio on the terminal, connected as docs/handhelds.md asks of a device."""

import asyncio
import contextlib
import os
import signal
from typing import Annotated

import typer
from rich.console import Console

from cli.directory import fail
from cli.handhelds.handheld import KEPT_S, Handheld, Shown, State
from cli.handhelds.keypad import Keypad
from cli.handhelds.terminal import Screen, carry
from cli.installation import MOSQUITTO
from cli.language import Lang, language
from deploy.local.mosquitto import PORT as MQTT_PORT
from services.notify.channels.mqtt_link import Broker
from services.notify.channels.mqtt_topics import device_user, is_post
from shared.contracts.event import Words
from shared.platform.logs import configure

PASSWORD = "BAOSHI_HANDHELD_PASSWORD"
_LONGEST_KEPT_S = 2**32 - 1
Code = Annotated[str, typer.Option("--estate", help="the estate's code, such as lanting · 小区代码")]
Post = Annotated[str, typer.Option("--post", help="the device's address: its post · 岗位")]
Address = Annotated[str, typer.Option("--broker", help="host:port of the MQTT broker · 服务器")]
Username = Annotated[
    str | None, typer.Option("--username", help=f"<estate>.<post> if {PASSWORD} is set · 用户名,密码取自环境变量")
]
CaFile = Annotated[str | None, typer.Option("--ca-file", help="TLS, checked against this file · TLS 根证书")]
Kept = Annotated[
    int, typer.Option(help="seconds for which messages are kept · 离线保留秒数", min=0, max=_LONGEST_KEPT_S)
]


def mount(app: typer.Typer) -> None:
    """Adds `handheld`."""
    app.command("handheld")(handheld)


def handheld(
    estate: Code,
    post: Post,
    broker: Address = f"127.0.0.1:{MQTT_PORT}",
    username: Username = None,
    ca_file: CaFile = None,
    kept: Kept = KEPT_S,
    lang: Lang = None,
) -> None:
    """Be a post's handheld: messages appear, a key answers. · 模拟手持机"""
    said = language(lang)
    # Its screen says whether it is connected.
    configure("handheld", level="CRITICAL")
    host, _, port = broker.rpartition(":")
    if not host or not port.isdecimal() or not is_post(post):
        fail(Words(zh="应为 --broker 主机:端口 --post 岗位", en="--broker is host:port, --post a post"), said, 2)
    password = os.environ.get(PASSWORD) or _password_here(device_user(estate, post))
    name = username or (device_user(estate, post) if password else None)
    asyncio.run(_carried(Broker(host.strip("[]"), int(port), name, password, ca_file=ca_file), estate, post, kept))


def _password_here(user: str) -> str | None:
    """What this machine's own broker was told, under `make up`."""
    file = MOSQUITTO / "secrets" / user
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None


async def _carried(broker: Broker, estate: str, post: str, kept: int) -> None:
    """SIGTERM and SIGINT switch it off like `q`, also where a shell began it with SIGINT ignored."""
    screen = Screen(Console())

    def on_message(shown: Shown) -> None:
        screen.message(shown)
        screen.prompt(carried, keypad)

    def on_state(state: State) -> None:
        screen.state(state)

    carried = Handheld(broker, estate, post, on_message=on_message, on_state=on_state, kept_s=kept)
    keypad = Keypad(carried)
    carrying = asyncio.ensure_future(carry(carried, keypad, screen))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, carrying.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await carrying
