"""Apprise: mail at a real SMTP server, JSON at a real HTTP server, hosts that hang, and what is not spoken to."""

import ast
import asyncio
import contextlib
import inspect
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from apprise import NotifyBase, NotifyImageSize, NotifyType, PersistentStoreMode
from apprise.manager_plugins import NotificationManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.notify.channels.channel import Heard, Page, Refused, Sent, Site
from services.notify.channels.everything import Everything, Options, is_allowed, service_of, title_of, url_for
from shared.domain.estates.devices import DeviceChannel
from shared.platform.service import serving
from tests.support.installation import ROOT, until
from tests.support.peers.smtp_server import smtp_server
from tests.support.stack import free_ports

ROW = DeviceChannel(id="work-chat", kind="apprise")
TOKEN = "t0ken-that-nobody-sees"
WORDS = "27 急救:去3栋<1>单元1201,*救护车*到南门 & 带路"
SPEAK_TO_THE_MACHINE = {"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
LOCAL_MODULES = {"subprocess", "dbus", "gi", "syslog", "win32api", "ctypes", "hid", "serial", "gpiozero", "pty"}


def everything(secret: str | None, **more: Any) -> Everything:
    async def hear(_: Heard) -> None:
        raise AssertionError("nothing is heard by Apprise")

    return Everything(Site("qinghe", ROW, secret, hear, "test"), Options(**{"answer_s": 10.0, **more}))


def page(address: str = "guard@example.cn", **more: Any) -> Page:
    fields = {"ref": "ab" * 16, "estate": "qinghe", "address": address, "text": WORDS, "lane": "emergency"}
    return Page(**{**fields, "code": None, "drill": False, "seconds_left": 60.0, **more})


class Chat:
    """Takes JSON as custom services do; `status` is its answer to everything."""

    def __init__(self) -> None:
        self.port, self.status = free_ports(1)[0], 200
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def url(self, path: str = "{address}", query: str = "") -> str:
        return f"json://127.0.0.1:{self.port}/{path}{query}"

    async def take(self, request: Request) -> Response:
        self.calls.append((request.scope["raw_path"].decode(), await request.json()))
        if self.status == 307:
            return RedirectResponse("/elsewhere")
        return Response(status_code=self.status)


@asynccontextmanager
async def chat() -> AsyncIterator[Chat]:
    found = Chat()
    routes = [Route("/{rest:path}", found.take, methods=["POST"])]
    async with serving(Starlette(routes=routes), "127.0.0.1", found.port):
        yield found


async def test_an_urgent_mail_arrives_in_chinese_and_marked_as_urgent() -> None:
    with smtp_server() as server:
        channel = everything(f"mailto://127.0.0.1:{server.port}/{{address}}?from=baoshi@estate.cn&mode=insecure")
        assert await channel.send(page()) == Sent("accepted")
    (mail,) = server.mails
    assert mail.to == ["guard@example.cn"] and mail.text.strip() == WORDS
    assert mail.message["subject"] == "报事 Baoshi · 急 URGENT"
    assert (mail.message["x-priority"], mail.message["importance"]) == ("1", "high")


async def test_a_routine_mail_of_a_drill_says_that_it_is_one_and_is_not_urgent() -> None:
    with smtp_server() as server:
        channel = everything(f"mailto://127.0.0.1:{server.port}/{{address}}?from=baoshi@estate.cn&mode=insecure")
        assert await channel.send(page(lane="routine", drill=True)) == Sent("accepted")
    (mail,) = server.mails
    assert mail.message["subject"] == "报事 Baoshi · 演习 DRILL" and mail.message["x-priority"] is None


async def test_a_mail_that_the_server_refuses_is_not_taken() -> None:
    with smtp_server() as server:
        server.answer = "554 no"
        channel = everything(f"mailto://127.0.0.1:{server.port}/{{address}}?from=baoshi@estate.cn&mode=insecure")
        assert await channel.send(page()) == Refused("not_taken")


@pytest.mark.parametrize(("lane", "kind"), [("emergency", "warning"), ("routine", "info")])
async def test_a_json_receiver_gets_the_words_whole_and_how_urgent_they_are(lane: str, kind: str) -> None:
    async with chat() as peer:
        assert await everything(peer.url()).send(page("gate-south", lane=lane)) == Sent("accepted")
    ((path, said),) = peer.calls
    assert path == "/gate-south" and (said["message"], said["type"]) == (WORDS, kind)
    assert said["title"] == title_of(page(lane=lane))


@pytest.mark.parametrize("address", ["a@b.cn", "key/with?query=1&x#y", "../up", "南门", "a b", "{address}", "%2F"])
async def test_an_address_stays_one_part_of_the_url(address: str) -> None:
    async with chat() as peer:
        assert await everything(peer.url("room/{address}/end")).send(page(address)) == Sent("accepted")
    ((path, _),) = peer.calls
    assert path.startswith("/room/") and path.count("/") == 3 and path.rstrip("/").endswith("/end")


async def test_no_character_of_control_reaches_a_protocol_of_lines() -> None:
    async with chat() as peer:
        assert await everything(peer.url()).send(page(text="一\r\nQUIT\x00二")) == Sent("accepted")
    assert peer.calls[0][1]["message"] == "一  QUIT 二"


async def test_without_a_place_for_it_the_address_is_only_a_label() -> None:
    async with chat() as peer:
        assert await everything(peer.url("fixed")).send(page("ignored")) == Sent("accepted")
    assert [path for path, _ in peer.calls] == ["/fixed"]


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
async def test_what_a_service_does_not_take_is_refused(status: int) -> None:
    async with chat() as peer:
        peer.status = status
        assert await everything(peer.url()).send(page()) == Refused("not_taken")


async def test_optional_is_no_way_to_call_a_failure_taken() -> None:
    async with chat() as peer:
        peer.status = 500
        assert await everything(peer.url(query="?optional=yes")).send(page()) == Refused("not_taken")


async def test_a_redirect_is_not_followed() -> None:
    async with chat() as peer:
        peer.status = 307
        assert await everything(peer.url("first")).send(page()) == Refused("not_taken")
    assert [path for path, _ in peer.calls] == ["/first"]


async def test_forty_pages_at_once_all_arrive() -> None:
    async with chat() as peer:
        channel = everything(peer.url())
        outcomes = await asyncio.gather(*(channel.send(page(f"guard-{n}")) for n in range(40)))
        assert set(outcomes) == {Sent("accepted")}
    assert sorted(path for path, _ in peer.calls) == sorted(f"/guard-{n}" for n in range(40))


@asynccontextmanager
async def dripping() -> AsyncIterator[int]:
    """A host that says a byte now and then and never ends, so that no time-out of a socket helps."""
    over = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.is_set():
                writer.write(b"y")
                await writer.drain()
                await asyncio.sleep(0.1)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        over.set()


async def test_a_host_that_hangs_is_given_up_and_the_others_are_reached() -> None:
    async with dripping() as port, chat() as peer:
        channel = everything("json://127.0.0.1:{address}/x", answer_s=1.0)
        hanging = [asyncio.create_task(channel.send(page(str(port)))) for _ in range(5)]
        assert await channel.send(page(str(peer.port))) == Sent("accepted")
        assert set(await asyncio.gather(*hanging)) == {Refused("no_answer")}


async def test_no_more_hang_than_are_allowed_to() -> None:
    async with dripping() as port, chat() as peer:
        channel = everything("json://127.0.0.1:{address}/x", answer_s=0.5, at_once=1)
        assert await channel.send(page(str(port))) == Refused("no_answer")
        assert await channel.send(page(str(peer.port))) == Refused("no_answer")
        assert peer.calls == []


async def test_when_the_hanging_host_lets_go_its_place_is_free_again() -> None:
    async with chat() as peer:
        channel = everything("json://127.0.0.1:{address}/x", answer_s=0.5, at_once=1)
        async with dripping() as port:
            assert await channel.send(page(str(port))) == Refused("no_answer")

        async def free() -> bool:
            return await channel.send(page(str(peer.port))) == Sent("accepted")

        assert await until(free, 20)


async def test_a_page_that_is_given_up_leaves_the_channel_usable() -> None:
    async with dripping() as port, chat() as peer:
        channel = everything("json://127.0.0.1:{address}/x")
        sending = asyncio.create_task(channel.send(page(str(port))))
        await asyncio.sleep(0.3)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await channel.send(page(str(peer.port))) == Sent("accepted")


_ENDS = """
import asyncio
from tests.channels.test_apprise import everything, page
print(asyncio.run(everything("json://127.0.0.1:{port}/x", answer_s=0.5).send(page())))
"""


async def test_a_host_that_hangs_does_not_keep_the_process_from_ending() -> None:
    async with dripping() as port:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _ENDS.format(port=port)), cwd=ROOT, stdout=subprocess.PIPE
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), 60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    assert b"no_answer" in said and process.returncode == 0


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        (None, "no_secret"),
        ("", "no_secret"),
        ("nosuch://host/", "unknown_service"),
        ("json://", "unknown_service"),
        ("slack://x", "unknown_service"),
        ("no url", "unknown_service"),
        ("file:///etc/passwd", "unknown_service"),
        ("https://example.cn/unknown", "unknown_service"),
        *[(f"{schema}://", "not_allowed") for schema in ("syslog", "dbus", "macosx", "windows", "gnome", "glib")],
        ("syslog://local0", "not_allowed"),
        ("rsyslog://127.0.0.1", "not_allowed"),
        ("aprs://DF1JSL-15:12345@DF1ABC", "not_allowed"),
        ("discord://1234/abcd?template=/etc/passwd", "not_allowed"),
        ("slack://aaaaaaaaa/bbbbbbbbb/cccccccccccccccccccccccc?template=/etc/passwd", "not_allowed"),
        ("mailto://h.cn/a@b.cn?from=c@d.cn&pgp=yes&pgpkey=/etc/passwd", "not_allowed"),
        ("fcm://project/device?keyfile=/etc/passwd", "not_allowed"),
        ("vapid://me@b.cn/x?subfile=/etc/passwd", "not_allowed"),
    ],
)
async def test_what_cannot_or_must_not_be_spoken_to_is_refused(secret: str | None, reason: str) -> None:
    assert await everything(secret).send(page()) == Refused(reason)


def _services() -> dict[str, type[NotifyBase]]:
    manager = NotificationManager()
    return {schema: manager[schema] for schema in manager.schemas()}


def test_of_all_services_exactly_those_that_speak_to_this_machine_are_not_allowed() -> None:
    services = _services()
    assert len(services) > 200
    assert {schema for schema, service in services.items() if not is_allowed(service, ())} == SPEAK_TO_THE_MACHINE


def test_no_service_that_is_allowed_runs_programs_or_drives_this_machine() -> None:
    found = {
        schema: used
        for schema, service in _services().items()
        if (used := _imported(service) & LOCAL_MODULES) and schema not in SPEAK_TO_THE_MACHINE
    }
    assert found == {}
    assert _imported(_services()["syslog"]) & LOCAL_MODULES and _imported(_services()["macosx"]) & LOCAL_MODULES


def _imported(service: type[NotifyBase]) -> set[str]:
    tree = ast.parse(Path(inspect.getfile(service)).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in [*names, *froms]}


@pytest.mark.parametrize("url", ["mailto://h.cn/a@b.cn?from=c@d.cn", "tgram://123456789:abcdefghijklmnop/1234567/"])
def test_nothing_is_kept_on_the_disk(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    service = service_of(url)
    assert isinstance(service, NotifyBase) and service.store.mode == PersistentStoreMode.MEMORY
    service.store.set("key", "value")
    service.flush_store()
    assert list(tmp_path.iterdir()) == []


def test_no_pictures_from_elsewhere_and_no_keys_of_its_own_making() -> None:
    service = service_of("json://127.0.0.1/")
    assert isinstance(service, NotifyBase)
    asset = service.asset
    assert asset.image_url(NotifyType.WARNING) is None and asset.image_url(NotifyType.INFO, logo=True) is None
    assert asset.image_path(NotifyType.WARNING, NotifyImageSize.XY_256) is None
    assert not (asset.pgp_autogen or asset.pem_autogen)


async def test_apprise_logs_nothing_since_it_would_log_the_url(caplog: pytest.LogCaptureFixture) -> None:
    async with chat() as peer:
        peer.status = 500
        channel = everything(peer.url(TOKEN))
        with caplog.at_level(logging.DEBUG), caplog.at_level(1, logger="apprise"):
            assert await channel.send(page()) == Refused("not_taken")
            assert await everything(f"nosuch://{TOKEN}").send(page()) == Refused("unknown_service")
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


async def test_a_service_that_falls_over_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: Any, **__: Any) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr("services.notify.channels.everything.title_of", fall)
    assert await everything("json://127.0.0.1:1/x").send(page()) == Refused("failure")


async def test_what_a_service_would_cut_is_refused() -> None:
    async with chat() as peer:
        narrow = NotificationManager()["json"]
        with _narrowed(narrow, 20):
            assert await everything(peer.url()).send(page()) == Refused("too_long")
        assert peer.calls == []


@contextlib.contextmanager
def _narrowed(service: type[NotifyBase], most: int) -> Iterator[None]:
    before = service.body_maxlen
    service.body_maxlen = most
    try:
        yield
    finally:
        service.body_maxlen = before


@pytest.mark.parametrize(
    ("url", "lane", "marked"),
    [
        ("mailto://h/{address}", "emergency", True),
        ("mailtos://h/{address}?from=a@b.cn", "emergency", True),
        ("mailto://h/{address}", "routine", False),
        ("json://h/{address}", "emergency", False),
    ],
)
def test_only_urgent_mail_is_marked_in_the_url(url: str, lane: str, marked: bool) -> None:
    assert ("X-Priority" in url_for(url, page(lane=lane))) == marked


def test_what_it_can() -> None:
    can = Everything.can(Options())
    assert (can.receipt, can.length, can.charset, can.two_way, can.open) == ("accepted", 400, "any", False, False)
