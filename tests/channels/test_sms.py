"""Text messages through a real Kannel: receipts, answers, refusals, kills; and servers that are no Kannel."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import QueryParams

from services.notify.channels.channel import Answer, Heard, Page, Receipt, Refused, Retry, Sent, Site
from services.notify.channels.sms import Options, Sms, outcome_of
from services.notify.channels.sms_inbound import (
    Nonsense,
    answer_in,
    answer_url,
    kannel_service,
    local_number,
    receipt_in,
    receipt_url,
)
from shared.domain.estates.devices import DeviceChannel
from shared.platform.errors import Unavailable
from shared.platform.service import serving
from tests.support.installation import until
from tests.support.peers.kannel import LOST, NOWHERE, PASSWORD, REJECTED, USERNAME, Kannel, kannel
from tests.support.stack import free_ports

ROW = DeviceChannel(id="phones", kind="sms")
PHONE = "13800138000"
AMBULANCE = "27 急救:去3栋1单元1201,救护车到南门"


class Ear:
    """`deaf`: so many times it fails before it hears."""

    def __init__(self, deaf: int = 0) -> None:
        self.heard, self.tried, self._deaf = list[Heard](), list[Heard](), deaf

    async def hear(self, heard: Heard) -> None:
        self.tried.append(heard)
        if len(self.tried) <= self._deaf:
            raise Unavailable("kafka")
        self.heard.append(heard)

    async def has(self, *wanted: Heard) -> bool:
        return all(one in self.heard for one in wanted)

    @property
    def answers(self) -> list[Answer]:
        return [one for one in self.heard if isinstance(one, Answer)]


def site(ear: Ear, secret: str | None = PASSWORD) -> Site:
    return Site("qinghe", ROW, secret, ear.hear, "test")


def sms(url: str, ear: Ear | None = None, secret: str | None = PASSWORD, **more: Any) -> Sms:
    quick = {"answer_s": 5.0, "connect_s": 1.0, "username": USERNAME, "sender": "10086"}
    return Sms(site(ear or Ear(), secret), Options(url=url, **{**quick, **more}))


def page(text: str = AMBULANCE, **more: Any) -> Page:
    fields = {"ref": "ab" * 16, "estate": "qinghe", "address": PHONE, "lane": "emergency", "code": "27"}
    return Page(**{**fields, "text": text, "drill": False, "seconds_left": 300.0, **more})


@asynccontextmanager
async def standing(ear: Ear, **more: Any) -> AsyncIterator[tuple[Kannel, Sms]]:
    """Kannel and the channel, which call one another; the channel's routes as notify's line serves them."""
    base = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with kannel(kannel_service(site(ear), base)) as peer:
        channel = sms(peer.url, ear, inbound_url=base, **more)
        async with serving(Starlette(routes=list(channel.routes())), "127.0.0.1", int(base.rsplit(":", 1)[1])):
            yield peer, channel
        await channel.close()


async def test_chinese_arrives_as_it_was_sent_and_its_delivery_is_heard() -> None:
    ear = Ear()
    async with standing(ear) as (peer, channel):
        assert await channel.send(page()) == Sent("accepted")
        assert await until(lambda: peer.phones.has(PHONE, AMBULANCE), 10), peer.log()
        assert await until(lambda: ear.has(Receipt("ab" * 16, "delivered")), 10), peer.log()
    assert peer.phones.received[0].sender == "10086"


async def test_seventy_chinese_characters_and_160_of_seven_bits_are_one_message_each() -> None:
    long, narrow = "急" * 70, "X[27]" * 32
    async with standing(Ear()) as (peer, channel):
        for text in (long, narrow):
            assert await channel.send(page(text)) == Sent()
        assert await until(lambda: peer.phones.has(PHONE, "X(27)" * 32), 10), peer.log()
        assert await until(lambda: peer.phones.has(PHONE, long), 10), peer.log()
    assert {text.part for text in peer.phones.received} == {(1, 1)}


async def test_a_message_of_three_parts_arrives_whole() -> None:
    text = "27 " + "".join(chr(0x4E00 + n) for n in range(198))
    async with standing(Ear(), parts=3) as (peer, channel):
        assert await channel.send(page(text)) == Sent()
        assert await until(lambda: peer.phones.has(PHONE, text), 10), peer.log()
    assert [text.part for text in peer.phones.received] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("number", "why"), [(REJECTED + "0138000", "rejected"), (LOST + "0138000", "undeliverable")]
)
async def test_what_the_network_could_not_deliver_is_heard_as_refused(number: str, why: str) -> None:
    ear = Ear()
    async with standing(ear) as (peer, channel):
        assert await channel.send(page(address=number)) == Sent("accepted")
        assert await until(lambda: ear.has(Receipt("ab" * 16, "refused", why)), 15), peer.log()


async def test_an_answer_is_heard_with_the_number_as_the_estate_has_it() -> None:
    ear = Ear()
    async with standing(ear) as (peer, _):
        await peer.phones.say("+86" + PHONE, "27 明白")
        await peer.say_in_utf16("86" + PHONE, "27 出发")
        assert await until(lambda: _are(len(ear.heard) == 2), 10), peer.log()
    assert {(a.address, a.words) for a in ear.answers} == {(PHONE, "27 明白"), (PHONE, "27 出发")}
    assert {(a.estate, a.channel) for a in ear.answers} == {("qinghe", "phones")}
    assert len({a.said_id for a in ear.answers}) == 2 and all(a.said_at for a in ear.answers)


async def test_kannel_says_an_answer_again_until_it_was_heard() -> None:
    ear = Ear(deaf=2)
    async with standing(ear) as (peer, _):
        await peer.phones.say(PHONE, "27 明白")
        assert await until(lambda: _are(bool(ear.heard)), 20), peer.log()
    assert [a.words for a in ear.answers] == ["27 明白"]
    assert len(ear.tried) == 3 and len({a.said_id for a in ear.tried if isinstance(a, Answer)}) == 1


async def test_the_same_words_twice_are_two_answers() -> None:
    ear = Ear()
    async with standing(ear) as (peer, _):
        await peer.phones.say(PHONE, "到达")
        await peer.phones.say(PHONE, "到达")
        assert await until(lambda: _are(len(ear.heard) == 2), 10), peer.log()
    assert len({a.said_id for a in ear.answers}) == 2


async def test_what_kannel_took_while_the_phones_were_away_survives_its_kill() -> None:
    async with standing(Ear()) as (peer, channel):
        await peer.phones.go()
        assert await until(lambda: _queues(channel), 10), peer.log()
        peer.kill()
        assert await channel.send(page("killed")) == Retry(2.0, "no_connection")
        await peer.start()
        assert isinstance(await channel.send(page("27 后来")), Sent)
        await peer.phones.come()
        for text in ("27 后来", "27 先前"):
            assert await until(lambda text=text: peer.phones.has(PHONE, text), 30), peer.log()  # type: ignore[misc]


async def _queues(channel: Sms) -> bool:
    return isinstance(await channel.send(page("27 先前")), Sent)


async def test_a_kannel_that_stands_still_is_no_answer() -> None:
    async with standing(Ear(), answer_s=1.0) as (peer, channel):
        assert isinstance(await channel.send(page()), Sent)
        peer.pause()
        assert await channel.send(page()) == Refused("no_answer")
        peer.go_on()
        assert isinstance(await channel.send(page()), Sent)


async def test_a_wrong_password_no_password_and_a_number_without_a_network_are_refused() -> None:
    async with standing(Ear()) as (peer, _):
        assert await sms(peer.url, secret="wrong").send(page()) == Refused("not_authorized")
        assert await sms(peer.url, secret=None).send(page()) == Refused("no_secret")
        assert await sms(peer.url).send(page(address=NOWHERE + "0138000")) == Refused("http_403")


async def test_who_does_not_have_the_key_is_not_heard() -> None:
    ear = Ear()
    base = f"http://127.0.0.1:{free_ports(1)[0]}"
    right = [receipt_url(site(ear), base, "ab" * 16).replace("%d", "1"), answer_url(site(ear), base)]
    others = [answer_url(site(ear, secret), base) for secret in ("other", "", None)]
    keyless = [url.replace("key=", "k=") for url in right]
    channel = sms("http://127.0.0.1:1/", ear, inbound_url=base)
    app = Starlette(routes=list(channel.routes()))
    async with serving(app, "127.0.0.1", int(base.rsplit(":", 1)[1])), httpx.AsyncClient() as client:
        assert {(await client.get(url)).status_code for url in [*others, *keyless]} == {403}
        assert ear.tried == []
        assert [(await client.get(url)).status_code for url in right] == [200, 200]
    nobody = sms("http://127.0.0.1:1/", ear, secret=None, inbound_url=base)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=list(nobody.routes())))) as client:
        assert (await client.get(others[2])).status_code == 403


async def test_a_call_that_cannot_become_durable_gets_no_200() -> None:
    async def never(_: Heard) -> None:
        await asyncio.Event().wait()

    options = Options(url="http://k/", username="u", inbound_url="http://us", hear_s=0.1)
    channel = Sms(Site("qinghe", ROW, PASSWORD, never, "test"), options)
    transport = httpx.ASGITransport(Starlette(routes=list(channel.routes())))
    async with httpx.AsyncClient(transport=transport) as client:
        url = answer_url(channel.site, "http://us").replace("%p", PHONE).replace("%I", "1")
        answer = await client.get(url)
    assert (answer.status_code, answer.content) == (503, b"")


@pytest.mark.parametrize("base", ["http://10.0.0.5:8105", "https://baoshi.example/in/"])
def test_kannel_is_shown_the_key_and_never_the_password(base: str) -> None:
    group = kannel_service(site(Ear()), base, smsc="air")
    assert PASSWORD not in group and "accepted-smsc = air" in group
    assert f"{base.rstrip('/')}/v1/channels/qinghe/phones/answer?key=" in group


@pytest.mark.parametrize(
    ("query", "heard"),
    [
        ("ref=ab&what=1", Receipt("ab", "delivered")),
        ("ref=ab&what=2", Receipt("ab", "refused", "undeliverable")),
        ("ref=ab&what=16", Receipt("ab", "refused", "rejected")),
        ("ref=ab&what=8", None),
        ("ref=ab&what=4", None),
        ("ref=ab&what=", None),
    ],
)
def test_of_kannels_reports_the_final_ones_are_receipts(query: str, heard: Receipt | None) -> None:
    assert receipt_in(QueryParams(query)) == heard


@pytest.mark.parametrize("query", ["", "ref=&what=1", "ref=../x&what=1", "ref=" + "a" * 65 + "&what=1"])
def test_a_report_without_a_reference_of_ours_is_nonsense(query: str) -> None:
    with pytest.raises(Nonsense):
        receipt_in(QueryParams(query))


@pytest.mark.parametrize("query", ["", "from=1380", "id=7", "from=&id=7", "text=27"])
def test_an_answer_without_sender_or_id_is_nonsense(query: str) -> None:
    with pytest.raises(Nonsense):
        answer_in(site(Ear()), query, "CN")


@pytest.mark.parametrize("time", ["", "soon", "9" * 40, "-1e9"])
def test_an_answer_with_a_strange_time_or_control_characters_is_heard(time: str) -> None:
    query = f"from={PHONE}&id=7&time={time}&text=27%00%0A1%20"
    answer = answer_in(site(Ear()), query, "CN")
    assert (answer.words, answer.said_at) == ("27  1", None)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("text=27+%E6%98%8E%E7%99%BD&coding=0&charset=UTF-8", "27 明白"),
        ("text=%002%007%00+f%0Ev%7D&coding=2&charset=UTF-16BE", "27 明白"),
        ("text=%002%007%00+f%0Ev%7D&coding=2&charset=", "27 明白"),
        ("text=27+%E6%98%8E%E7%99%BD&coding=1&charset=8-BIT", "27 明白"),
        ("text=caf%E9&coding=0&charset=ISO-8859-1", "café"),
        ("text=27+1&coding=0&charset=zip", "27 1"),
        ("text=27+1&coding=0&charset=undefined", "27 1"),
        ("text=27+1&coding=0&charset=a%00b", "27 1"),
        ("text=%FF&coding=0&charset=UTF-8", "\ufffd"),
        ("text=", ""),
        ("", ""),
    ],
)
def test_words_are_read_in_whatever_charset_the_network_used(query: str, words: str) -> None:
    assert answer_in(site(Ear()), f"from=1&id=7&{query}", "CN").words == words


@pytest.mark.parametrize(
    ("sender", "local"),
    [
        (PHONE, PHONE),
        ("+86" + PHONE, PHONE),
        ("0086" + PHONE, PHONE),
        ("86" + PHONE, PHONE),
        ("+85291234567", "+85291234567"),
        ("10086", "10086"),
        ("BANK", "BANK"),
    ],
)
def test_a_number_is_the_same_however_the_network_writes_it(sender: str, local: str) -> None:
    assert local_number(sender, "CN") == local


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (202, "0: Accepted for delivery", Sent("accepted")),
        (202, "3: Queued for later delivery", Sent("accepted")),
        (202, "<html>", Refused("not_kannel")),
        (200, "", Refused("not_kannel")),
        (302, "", Refused("http_302")),
        (400, "Empty text", Refused("http_400")),
        (403, "Authorization failed for sendsms", Refused("not_authorized")),
        (403, "Not routable. Do not try again.", Refused("http_403")),
        (404, "", Refused("http_404")),
        (503, "Temporal failure, try again later.", Retry(2.0, "http_503")),
        (500, "", Retry(2.0, "http_500")),
    ],
)
def test_what_kannels_answers_mean(status: int, said: str, outcome: object) -> None:
    assert outcome_of(status, said, 2.0) == outcome


@pytest.mark.parametrize("address", ["", "138 139", "13800138000 13900139000", "a@b", "12", "+", "1&to=2"])
async def test_an_address_that_is_not_one_number_is_refused(address: str) -> None:
    assert await sms("http://127.0.0.1:1/").send(page(address=address)) == Refused("bad_address")


@pytest.mark.parametrize("text", ["急" * 71, "𠮷" * 36, "X" * 161])
async def test_what_kannel_would_cut_is_refused(text: str) -> None:
    assert await sms("http://127.0.0.1:1/").send(page(text)) == Refused("too_long")


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@asynccontextmanager
async def scripted(said: bytes, *, then_hangs: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Says this to every request; the list is what was asked on how many connections."""
    asked: list[bytes] = []
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(b"")
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked[-1] += head
                if not said:
                    return
                writer.write(said)
                await writer.drain()
                if then_hangs:
                    await over.wait()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", asked
        over.set()


GOOD = b"HTTP/1.1 202 Accepted\r\nContent-Length: 3\r\n\r\n0: "


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (GOOD, Sent()),
        (b"", Retry(2.0, "connection_lost")),
        (b"SSH-2.0-x\r\n\r\n", Retry(2.0, "connection_lost")),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 40\r\n\r\n0:", Refused("no_answer")),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", Refused("http_302")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 9000, Refused("not_kannel")),
    ],
)
async def test_whatever_answers_there_is_an_outcome(said: bytes, outcome: object) -> None:
    async with scripted(said, then_hangs=True) as (url, _):
        channel = sms(url, answer_s=0.5)
        assert await channel.send(page()) == outcome
        await channel.close()


async def test_pages_go_over_one_connection_with_everything_that_kannel_needs() -> None:
    async with scripted(GOOD) as (url, asked):
        channel = sms(url, inbound_url="http://us:1", smsc="air")
        for _ in range(3):
            assert await channel.send(page("27\r\n急", seconds_left=61.0)) == Sent()
        await channel.close()
    assert len(asked) == 1
    query = QueryParams(asked[0].split(b" ")[1].decode().partition("?")[2])
    expected = {"to": PHONE, "coding": "2", "charset": "UTF-8", "priority": "3", "validity": "2", "smsc": "air"}
    assert {name: query[name] for name in expected} == expected
    assert query["text"] == "27  急" and query["dlr-mask"] == "19"
    assert query["dlr-url"] == receipt_url(channel.site, "http://us:1", "ab" * 16) and "%d" in query["dlr-url"]


async def test_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}/"
    assert await sms(url).send(page()) == Retry(2.0, "no_connection")


@pytest.mark.parametrize(
    ("more", "receipt", "two_way", "length", "ascii_length"),
    [
        ({}, "accepted", False, 70, 160),
        ({"inbound_url": "http://us"}, "delivered", True, 70, 160),
        ({"inbound_url": "http://us", "receipts": False}, "accepted", True, 70, 160),
        ({"inbound_url": "http://us", "answers": False, "parts": 3}, "delivered", False, 201, 459),
    ],
)
def test_what_it_can(more: dict[str, Any], receipt: str, two_way: bool, length: int, ascii_length: int) -> None:
    can = Sms.can(Options(url="http://k/", username="u", **more))
    assert (can.receipt, can.two_way, can.length, can.ascii_length) == (receipt, two_way, length, ascii_length)
    assert can.charset == "any" and not can.open


async def _are(what: bool) -> bool:
    return what
