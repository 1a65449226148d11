"""Webhooks at a receiver that verifies with the official package, and at places where none must go."""

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from standardwebhooks import Webhook as Signer
from standardwebhooks import WebhookVerificationError

from services.notify.channels import webhook_addresses
from services.notify.channels.channel import Heard, Outcome, Page, Refused, Retry, Sent, Site
from services.notify.channels.webhook import Options, Webhook, body_of, outcome_of
from services.notify.channels.webhook_addresses import is_public
from shared.domain.estates.devices import DeviceChannel
from tests.support.installation import until
from tests.support.peers.webhook_receiver import NAME, Receiver, receiver, tls_receiver
from tests.support.stack import free_ports

ROW = DeviceChannel(id="hook", kind="webhook")
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
AT_HOME = {"http": True, "private": True, "retries_s": (0.0, 0.0, 0.0, 0.0, 0.0), "try_s": 2.0}
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def webhook(secret: str | None = SECRET, **more: Any) -> Webhook:
    async def hear(_: Heard) -> None:
        raise AssertionError("a webhook says nothing")

    return Webhook(Site("qinghe", ROW, secret, hear, "test"), Options(**{**AT_HOME, **more}))


def page(address: str, text: str = "急救:去3栋1单元1201", **more: Any) -> Page:
    fields = {"ref": "ab" * 16, "estate": "qinghe", "address": address, "lane": "emergency", "code": None}
    return Page(**{**fields, "text": text, "drill": False, "seconds_left": 60.0, **more})


async def test_a_page_is_verified_by_the_official_package() -> None:
    async with receiver(SECRET) as peer:
        sent = page(peer.url, task_id="r.go.1", step="go", outcomes=("done",), sent_at=NOW, drill=True)
        assert await webhook().send(sent) == Sent("accepted")
    (call,) = peer.calls
    assert call.said is not None and call.id == "ab" * 16
    assert (call.said["type"], call.said["timestamp"]) == ("page.emergency", NOW.isoformat())
    data = call.said["data"]
    assert data["text"] == "急救:去3栋1单元1201" and "急救".encode() in call.body
    assert (data["task_id"], data["step"], data["outcomes"], data["drill"]) == ("r.go.1", "go", ["done"], True)
    assert peer.url not in call.body.decode() and "address" not in data
    assert call.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("secret", "good"), [(f"{OTHER} {SECRET}", True), (f"{SECRET}\n{OTHER}", True), (OTHER, False)]
)
async def test_while_secrets_change_each_of_them_signs(secret: str, good: bool) -> None:
    async with receiver(SECRET) as peer:
        assert await webhook(secret).send(page(peer.url)) == Sent()
    assert (peer.calls[0].said is not None) == good
    assert len(peer.calls[0].headers["webhook-signature"].split()) == len(secret.split())


@pytest.mark.parametrize(
    "secret", [None, "", "s3cret", "whsec_", "whsec_!", SECRET + " s3cret", SECRET + " whsec_"]
)
async def test_nothing_goes_out_unsigned(secret: str | None) -> None:
    async with receiver(SECRET) as peer:
        assert await webhook(secret).send(page(peer.url)) == Refused("bad_secret")
    assert peer.calls == []


async def test_a_changed_body_and_an_old_one_are_not_verified() -> None:
    async with receiver(SECRET) as peer:
        await webhook().send(page(peer.url))
    (call,) = peer.calls
    for body, headers in (
        (call.body.replace(b"1201", b"1202"), call.headers),
        (call.body, {**call.headers, "webhook-timestamp": "1700000000"}),
        (call.body, {**call.headers, "webhook-id": "cd" * 16}),
    ):
        with pytest.raises(WebhookVerificationError):
            Signer(SECRET).verify(body, dict(headers))


async def test_it_is_tried_five_times_more_under_the_same_id_and_then_refused() -> None:
    async with receiver(SECRET) as peer:
        peer.answers = [500] * 9
        assert await webhook().send(page(peer.url)) == Refused("http_500")
    assert peer.ids == ["ab" * 16] * 6
    assert all(call.said for call in peer.calls)


async def test_a_page_sent_again_after_a_crash_has_the_same_id_and_body() -> None:
    async with receiver(SECRET) as peer:
        for left in (60.0, 30.0):
            assert await webhook().send(page(peer.url, sent_at=NOW, seconds_left=left)) == Sent()
    first, second = peer.calls
    assert (first.id, first.body) == (second.id, second.body)


async def test_what_is_tried_again_arrives_in_the_end() -> None:
    async with receiver(SECRET) as peer:
        peer.answers = [408, 409, 425, 429, 503]
        assert await webhook().send(page(peer.url)) == Sent()
    assert len(peer.calls) == 6


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (400, "http_400"),
        (401, "http_401"),
        (404, "http_404"),
        (410, "gone"),
        *[((status, {"location": "http://127.0.0.1:1/"}), "redirect") for status in (301, 302, 303, 307, 308)],
        (304, "redirect"),
    ],
)
async def test_what_no_try_mends_is_refused_at_once(answer: Any, reason: str) -> None:
    async with receiver(SECRET) as peer:
        peer.answers = [answer]
        assert await webhook().send(page(peer.url)) == Refused(reason)
    assert len(peer.calls) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with receiver(SECRET) as peer:
        peer.answers = [(307, {"location": peer.url + "/elsewhere"})]
        assert await webhook().send(page(peer.url)) == Refused("redirect")
    assert len(peer.calls) == 1


def test_the_pauses_are_those_of_the_issue() -> None:
    assert Options().retries_s == (0.0, 1.0, 2.0, 4.0, 8.0)


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome"),
    [
        (200, "", Sent()),
        (204, "9", Sent()),
        (500, "9", Retry(0.0, "http_500")),
        (503, "7", Retry(7.0, "http_503")),
        (429, "7", Retry(7.0, "http_429")),
        (503, format_datetime(NOW + timedelta(seconds=9), usegmt=True), Retry(9.0, "http_503")),
        (503, format_datetime(NOW - timedelta(days=9), usegmt=True), Retry(0.0, "http_503")),
        (503, "soon", Retry(0.0, "http_503")),
        (503, "-5", Retry(0.0, "http_503")),
        (503, "٣", Retry(0.0, "http_503")),
        (503, "9" * 400, Retry(999999999.0, "http_503")),
        (101, "", Refused("http_101")),
    ],
)
def test_what_an_answer_means(status: int, retry_after: str, outcome: Outcome) -> None:
    assert outcome_of(status, retry_after, NOW) == outcome


async def test_a_receiver_that_says_when_is_waited_for_but_not_for_long() -> None:
    async with receiver(SECRET) as peer:
        peer.answers = [(503, {"retry-after": "3600"})]
        sending = asyncio.create_task(webhook(longest_pause_s=0.3).send(page(peer.url)))
        assert await until(lambda: _are(len(peer.calls) == 1), 5)
        assert not sending.done()
        assert await asyncio.wait_for(sending, 10) == Sent()


async def test_a_page_that_is_given_up_is_tried_no_more() -> None:
    async with receiver(SECRET) as peer:
        peer.answers = [500] * 9
        sending = asyncio.create_task(webhook(retries_s=(0.2,) * 5).send(page(peer.url)))
        assert await until(lambda: _are(bool(peer.calls)), 5)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        seen = len(peer.calls)
        await asyncio.sleep(0.5)
    assert len(peer.calls) == seen


async def test_a_receiver_that_was_away_gets_it_when_it_is_back() -> None:
    peer = Receiver(SECRET, "http")
    sending = asyncio.create_task(webhook(retries_s=(0.1,) * 20).send(page(peer.url)))
    await asyncio.sleep(0.3)
    await peer.start()
    assert await asyncio.wait_for(sending, 10) == Sent()
    await peer.stop()
    assert len(peer.calls) == 1


class Names:
    """A name server that gives each of these once, and the last one from then on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)
        monkeypatch.setattr(webhook_addresses, "looked_up", self._look_up)

    async def _look_up(self, host: str, _: int) -> list[str]:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise socket.gaierror("no such name")
        return list(answer)


async def test_a_name_that_moves_to_a_private_address_after_the_check_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver(SECRET) as peer:
        names = Names(monkeypatch, ("127.0.0.1",), ("10.255.255.1",))
        peer.answers = [500, 500]
        assert await webhook().send(page(peer.url.replace("127.0.0.1", NAME))) == Sent()
    assert names.asked == [NAME]
    assert [call.headers["host"] for call in peer.calls] == [f"{NAME}:{peer.port}"] * 3


async def test_a_rebinding_name_never_reaches_what_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver(SECRET) as peer:
        names = Names(monkeypatch, ("192.0.2.1",), ("127.0.0.1",))
        url = peer.url.replace("127.0.0.1", NAME)
        assert await webhook(private=False).send(page(url)) == Refused("private_address")
        Names(monkeypatch, ("2606:4700::1111", "::1"), ("127.0.0.1",))
        assert await webhook(private=False).send(page(url)) == Refused("private_address")
    assert names.asked == [NAME] and peer.calls == []


async def test_a_try_that_found_no_name_looks_again_and_the_next_address_is_tried_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver(SECRET) as peer:
        names = Names(monkeypatch, (), ("127.0.0.2", "127.0.0.1"))
        assert await webhook().send(page(peer.url.replace("127.0.0.1", NAME))) == Sent()
    assert len(names.asked) == 2 and len(peer.calls) == 1


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254"),
        *("2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        *("100.64.0.1", "224.0.0.1", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
    ],
)
async def test_no_spelling_of_a_private_address_is_reached(host: str) -> None:
    async with receiver(SECRET) as peer:
        outcome = await webhook(private=False, retries_s=()).send(page(f"http://{host}:{peer.port}/"))
    assert outcome == Refused("private_address") and peer.calls == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *[
            (a, True)
            for a in ("1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0")
        ],
        *[(a, True) for a in ("2606:4700::1111", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808")],
        *[(a, False) for a in ("0.0.0.0", "10.1.2.3", "100.64.0.0", "100.127.255.255", "127.255.255.254")],
        *[(a, False) for a in ("169.254.169.254", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1")],
        *[(a, False) for a in ("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1")],
        *[(a, False) for a in ("239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1")],
        *[(a, False) for a in ("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1")],
        *[(a, False) for a in ("fe80::1%eth0", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "100::1")],
        *[(a, False) for a in ("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001::1", "2001:db8::1")],
        *[(a, False) for a in ("2002:7f00:1::", "3fff::1", "5f00::1", "4000::1", "", "localhost", "1.2.3")],
    ],
)
def test_which_addresses_are_the_internets(address: str, public: bool) -> None:
    assert is_public(address) == public


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://hooks.example/", "not_https"),
        ("ftp://hooks.example/", "bad_address"),
        ("file:///etc/passwd", "bad_address"),
        ("https://", "bad_address"),
        ("hooks.example", "bad_address"),
        ("https://user:word@hooks.example/", "bad_address"),
        ("https://hooks.example:99999/", "bad_address"),
        ("https://[::1/", "bad_address"),
        ("https://0177.0.0.1/", "bad_address"),
        ("", "bad_address"),
        ("gopher", "bad_address"),
    ],
)
async def test_what_is_no_address_for_a_webhook_is_refused(address: str, reason: str) -> None:
    assert await webhook(http=False).send(page(address)) == Refused(reason)


async def test_by_tls_the_certificate_is_checked_for_the_name_and_not_for_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with tls_receiver(SECRET) as (peer, ca):
        Names(monkeypatch, ("127.0.0.1",))
        strict: dict[str, Any] = {"http": False, "retries_s": (), "ca": ca}
        named = f"https://{NAME}:{peer.port}/"
        assert await webhook(**strict).send(page(named)) == Sent()
        assert await webhook(**strict).send(page(peer.url)) == Sent()
        assert await webhook(**{**strict, "ca": None}).send(page(named)) == Refused("no_connection")
        other = f"https://other.example:{peer.port}/"
        assert await webhook(**strict).send(page(other)) == Refused("no_connection")
    assert [call.headers["host"] for call in peer.calls] == [f"{NAME}:{peer.port}", f"127.0.0.1:{peer.port}"]


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_ports(1)[0]}")
    async with receiver(SECRET) as peer:
        assert await webhook(retries_s=()).send(page(peer.url)) == Sent()


async def test_a_file_of_certificates_that_is_none_is_refused() -> None:
    for ca in ("/nowhere.pem", __file__):
        assert await webhook(ca=ca).send(page("https://127.0.0.1:1/")) == Refused("bad_ca")


@asynccontextmanager
async def scripted(
    said: bytes, *, slowly: float = 0.0, then_hangs: bool = False
) -> AsyncIterator[tuple[str, list[int]]]:
    """Says this after a request, a byte at a time where `slowly`; the list has one entry a connection."""
    connections: list[int] = []
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for piece in [said[n : n + 1] for n in range(len(said))] if slowly else [said]:
                if over.is_set():
                    break
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(slowly)
            if then_hangs:
                await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", connections
        over.set()


@pytest.mark.parametrize(
    ("said", "how", "outcome"),
    [
        (b"", {}, Refused("connection_lost")),
        (b"", {"then_hangs": True}, Refused("no_answer")),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 4000, {"slowly": 0.05}, Refused("no_answer")),
        (b"HTTP/1.1 20", {}, Refused("connection_lost")),
        (b"SSH-2.0-x\r\n\r\n", {}, Refused("connection_lost")),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000, {"then_hangs": True}, Refused("connection_lost")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", {"then_hangs": True}, Sent()),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"z" * 100_000, {"then_hangs": True}, Sent()),
    ],
)
async def test_whatever_the_receiver_does_there_is_an_outcome(
    said: bytes, how: dict[str, Any], outcome: Outcome
) -> None:
    async with scripted(said, **how) as (url, connections):
        assert await webhook(try_s=0.4, retries_s=(0.0, 0.0)).send(page(url)) == outcome
    assert len(connections) == (1 if isinstance(outcome, Sent) else 3)


async def test_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}/"
    assert await webhook().send(page(url)) == Refused("no_connection")


async def test_pages_to_two_receivers_at_one_address_do_not_share_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver(SECRET) as peer:
        Names(monkeypatch, ("127.0.0.1",))
        channel = webhook(retries_s=())
        urls = [f"http://{name}.example:{peer.port}/" for name in ("a", "b") for _ in range(5)]
        assert set(await asyncio.gather(*(channel.send(page(url)) for url in urls))) == {Sent()}
        await channel.close()
    assert {call.headers["connection"] for call in peer.calls} == {"close"}
    assert len({call.headers["host"] for call in peer.calls}) == 2


def test_what_it_can() -> None:
    can = Webhook.can(Options())
    assert (can.receipt, can.length, can.charset, can.two_way, can.open) == ("accepted", 400, "any", False, False)


def test_the_body_holds_what_was_shown_and_is_the_same_when_it_is_made_again() -> None:
    first = page("https://a/", "一\u0000二", sent_at=NOW, seconds_left=9.0)
    body = body_of(first, NOW)
    assert body == body_of(first._replace(seconds_left=1.0, address="https://b/"), NOW + timedelta(hours=1))
    assert json.loads(body)["data"]["text"] == "一\u0000二" and "\u0000" not in body


async def _are(what: bool) -> bool:
    return what
