"""`baoshi channels`: which devices an estate has and when they were last heard, and a test of them now."""

import time
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.table import Table

from cli.channels_words import TEST_ENDS, columns, rows_of
from cli.directory import fail, on_directory
from cli.installation import STATE, parts
from cli.language import Lang, Language, language
from cli.mosquitto_files import mosquitto
from services.notify.channel_secrets import secret_named
from services.notify.channels.channel import Heard, Site
from services.notify.channels.sms import Options as SmsOptions
from services.notify.channels.sms_inbound import kannel_service
from services.notify.channels.table import options_of
from services.notify.devices import Devices
from services.notify.settings import NotifySettings
from shared.contracts.event import Words
from shared.platform.admin_key import ensure_admin_key
from shared.platform.cases import estate_case_id
from shared.platform.estate_store import Stored, stored_estate
from shared.platform.mongo import Database, Document

Code = Annotated[str, typer.Option("--estate", help="the estate's code, such as lanting · 小区代码")]
Which = Annotated[str, typer.Option("--channel", help="its id in the estate's file · 渠道")]
Post = Annotated[str | None, typer.Option("--post", help="only the devices of this post · 岗位")]
Only = Annotated[str | None, typer.Option("--device", help="only this device · 设备")]
Address = Annotated[str | None, typer.Option("--notify", help="where notify listens · notify 的地址")]
Patience = Annotated[float, typer.Option("--wait", help="seconds to wait for receipts · 等待秒数")]
_PAUSE_S = 0.3
_WELL = frozenset({"taken", "delivered", "answered"})
_NARROWEST = 130


def mount(app: typer.Typer) -> None:
    """Adds `channels` with its commands."""
    group = typer.Typer(help="Devices and their channels · 设备与渠道", no_args_is_help=True)
    group.command("list")(list_all)
    group.command("test")(test)
    group.command("mosquitto")(mosquitto)
    group.command("kannel")(kannel)
    app.add_typer(group, name="channels")


def list_all(estate: Code, lang: Lang = None) -> None:
    """Every device, by which channel, its last sign of life, its last test. · 设备与最近应答"""
    said = language(lang)

    async def read(mongo: Database) -> tuple[Stored, dict[str, Document]]:
        return await stored_estate(mongo, estate), dict(await Devices(mongo).of(estate))

    stored, known = on_directory(said, read)
    table = Table(*columns(said))
    for row in rows_of(stored.estate, known, said):
        table.add_row(*row)
    Console(width=max(Console().width, _NARROWEST)).print(table)


def test(
    estate: Code,
    post: Post = None,
    device: Only = None,
    notify: Address = None,
    wait: Patience = 65.0,
    lang: Lang = None,
) -> None:
    """Send a test to each device and say what became of it; 1 when one did not take it. · 测试设备"""
    said = language(lang)
    address = notify or next(part.address for part in parts() if part.name == "notify")
    tests = _begin(address, estate, {"post": post, "device": device}, said)
    ends = _watch(estate, tests, wait, said)
    for name, message in tests.items():
        typer.echo(f"{name:<26}{TEST_ENDS[ends[message]][0 if said == 'zh' else 1]}")
    raise typer.Exit(0 if all(end in _WELL for end in ends.values()) else 1)


def kannel(estate: Code, channel: Which, lang: Lang = None) -> None:
    """Print what Kannel's file needs so that phones' answers come here; it holds a key. · Kannel 配置"""
    said, settings = language(lang), NotifySettings()
    stored = on_directory(said, lambda mongo: stored_estate(mongo, estate))
    row = next((c for c in stored.estate.channels if c.id == channel and c.kind == "sms"), None)
    options = options_of(row) if row else None
    if row is None or not isinstance(options, SmsOptions) or not options.inbound_url:
        zh, en = f"{channel} 不是带 inbound_url 的短信渠道", f"{channel} is no channel of kind sms with inbound_url"
        fail(Words(zh=zh, en=en), said)
    secret = secret_named(row.secret, settings.secrets_dir) if row.secret else None
    typer.echo(kannel_service(Site(estate, row, secret, _deaf, "cli"), options.inbound_url, options.smsc))


async def _deaf(_: Heard) -> None:
    """Nothing is heard by the command line."""


def _begin(address: str, estate: str, only: dict[str, str | None], said: Language) -> dict[str, str]:
    """Each device with the message that tests it."""
    headers = {"Authorization": f"Bearer {ensure_admin_key(STATE)}", "Accept-Language": said}
    query = {name: value for name, value in only.items() if value}
    try:
        answer = httpx2.post(
            f"{address}/v1/estates/{estate}/devices/tests", params=query, headers=headers, trust_env=False
        )
    except httpx2.HTTPError as error:
        zh, en = f"notify 没有应答({address}):请先运行 make up", f"notify does not answer at {address}: run make up"
        fail(Words(zh=zh, en=f"{en} ({type(error).__name__})"), said)
    body: dict[str, Any] = answer.json()
    if answer.status_code != 202:
        detail = body.get("detail", answer.status_code)
        fail(Words(zh=str(detail), en=str(detail)), said)
    return {row["device"]: row["message"].replace("-", "") for row in body["tests"]}


def _watch(estate: str, tests: dict[str, str], patience: float, said: Language) -> dict[str, str]:
    """What the case of the estate's own knows of each message, at the latest when the patience ends."""
    until, found = time.monotonic() + patience, dict.fromkeys(tests.values(), "silent")
    while time.monotonic() < until and not _ended(found):

        async def read(mongo: Database) -> Document | None:
            return await mongo["notify_cases"].find_one({"_id": estate_case_id("routine", estate)}, {"state": 1})

        case = on_directory(said, read)
        messages = (case or {}).get("state", {}).get("messages", {})
        found = {name: _end_of(messages.get(name)) for name in found}
        time.sleep(_PAUSE_S)
    return found


def _ended(found: dict[str, str]) -> bool:
    return all(end in ("delivered", "answered", "refused", "taken") for end in found.values())


def _end_of(message: Document | None) -> str:
    """The best receipt its channel can give, or why there is none."""
    tried = message["tries"][-1] if message and message["tries"] else None
    if tried is None:
        return "no_way" if message and message["over"] else "silent"
    mark = tried["mark"] or "silent"
    return "taken" if mark == "accepted" and tried["best"] == "accepted" else mark
