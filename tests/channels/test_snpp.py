"""Pagers against a real SNPP server (Perl's Net::SNPP::Server), a two-way one, and ones that misbehave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cli.demoing.pager_server import Paged, pager_server
from services.notify.channels.channel import Answer, Heard, Page, Receipt, Refused, Retry, Sent, Site
from services.notify.channels.snpp import Options, Snpp
from services.notify.channels.snpp_dialogue import plain
from shared.domain.estates.devices import DeviceChannel
from tests.support.installation import until
from tests.support.peers.snpp_perl import perl_snpp_server
from tests.support.stack import free_ports

ROW = DeviceChannel(id="pager", kind="snpp")
QUICK = {"connect_s": 1.0, "answer_s": 1.0, "send_s": 1.0, "poll_s": 0.05}


def snpp(port: int, heard: list[Heard] | None = None, **options: Any) -> Snpp:
    async def hear(one: Heard) -> None:
        if heard is not None:
            heard.append(one)

    given = Options(host="127.0.0.1", port=port, **{**QUICK, **options})
    return Snpp(Site("qinghe", ROW, "s3cret", hear, "test"), given)


def page(text: str = "27 AMBULANCE to B3-1-1201.", **more: Any) -> Page:
    fields = {"ref": "ab" * 16, "estate": "qinghe", "address": "1001", "lane": "emergency", "code": "27"}
    return Page(**{**fields, "text": text, "drill": False, "seconds_left": 30.0, **more})


async def test_a_page_arrives_at_a_real_server_as_it_was_sent() -> None:
    async with perl_snpp_server() as server:
        assert await snpp(server.port).send(page()) == Sent()
        assert await until(lambda: server.has_taken("1001", "27 AMBULANCE to B3-1-1201."), 5)


async def test_optional_verbs_that_a_real_server_lacks_are_no_refusal() -> None:
    async with perl_snpp_server() as server:
        channel = snpp(server.port, levels={"emergency": 0}, alert=True, login="desk", two_way=True)
        assert isinstance(await channel.send(page("ANYTHING")), Sent)
        assert await until(lambda: server.has_taken("1001", "ANYTHING"), 5)


async def test_forty_pages_at_once_all_arrive() -> None:
    pages: list[Paged] = []
    port = free_ports(1)[0]
    async with pager_server(port, pages.append):
        sent = [snpp(port).send(page(f"PAGE {n}", address=str(n))) for n in range(40)]
        assert set(await asyncio.gather(*sent)) == {Sent()}
    assert sorted((int(p.pager), p.text) for p in pages) == [(n, f"PAGE {n}") for n in range(40)]


async def test_a_reply_is_asked_for_until_it_is_there_and_heard_once() -> None:
    heard: list[Heard] = []
    port = free_ports(1)[0]
    async with pager_server(port) as server:
        channel = snpp(port, heard, two_way=True)
        sent = await channel.send(page())
        assert isinstance(sent, Sent) and sent.token
        watching = asyncio.create_task(channel.watch(page(), sent.token))
        assert await until(lambda: _is(bool(heard)), 5)
        server.reply(server.pages[0].tag, "27 OK")
        await asyncio.wait_for(watching, 5)
    assert heard[0] == Receipt("ab" * 16, "delivered")
    (answer,) = [one for one in heard if isinstance(one, Answer)]
    assert (answer.words, answer.address, answer.ref, answer.code) == ("27 OK", "1001", "ab" * 16, "27")


async def test_a_reply_is_still_asked_for_after_the_server_was_away() -> None:
    heard: list[Heard] = []
    port = free_ports(1)[0]
    async with pager_server(port) as server:
        channel = snpp(port, heard, two_way=True)
        sent = await channel.send(page())
        assert isinstance(sent, Sent) and sent.token
        await server.close()
        watching = asyncio.create_task(channel.watch(page(), sent.token))
        await asyncio.sleep(0.3)
        assert not watching.done()
        server.reply(server.pages[0].tag, "YES")
        await server.open()
        await asyncio.wait_for(watching, 5)
    assert [one.words for one in heard if isinstance(one, Answer)] == ["YES"]


async def test_watching_ends_when_the_page_is_no_longer_valid() -> None:
    port = free_ports(1)[0]
    async with pager_server(port):
        channel = snpp(port, two_way=True)
        sent = await channel.send(page())
        assert isinstance(sent, Sent) and sent.token
        await asyncio.wait_for(channel.watch(page(seconds_left=0.2), sent.token), 5)


async def test_a_line_that_begins_with_a_dot_arrives_as_it_was_sent() -> None:
    pages: list[Paged] = []
    port = free_ports(1)[0]
    async with pager_server(port, pages.append):
        assert isinstance(await snpp(port, data=True).send(page(".HIDDEN")), Sent)
    assert pages[0].text == ".HIDDEN"


@pytest.mark.parametrize("bad", ["A\r\nSEND", "A\nB", "A\x00B", "A\x1bB", "\r\n.\r\nQUIT"])
async def test_no_control_character_passes(bad: str) -> None:
    pages: list[Paged] = []
    port = free_ports(1)[0]
    async with pager_server(port, pages.append):
        assert isinstance(await snpp(port).send(page(bad)), Sent)
    assert [p.text.strip() for p in pages] == [plain(bad).strip()]
    assert all(" " <= character <= "~" for character in pages[0].text)


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def answers(**by_verb: str) -> Script:
    """`250` to everything but these; an empty answer closes the connection, `hang` says nothing more."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _write(writer, by_verb.get("greeting", "220 hello\r\n"))
        while line := (await reader.readline()).decode().strip():
            said = by_verb.get(line.split()[0], "250 ok\r\n")
            if said == "":
                return
            if said == "hang":
                await asyncio.sleep(3600)
            await _write(writer, said)

    return script


async def _write(writer: asyncio.StreamWriter, said: str) -> None:
    for piece in said.split("|"):
        writer.write(piece.encode("latin-1"))
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("by_verb", "outcome"),
    [
        ({}, Sent()),
        ({"greeting": "2|20 he|llo\r\n"}, Sent()),
        ({"MESS": "214 help\r\n214 more help\r\n250 ok\r\n"}, Sent()),
        ({"PAGE": "250-one\r\n250 ok\r\n"}, Sent()),
        ({"PAGE": "550 no such pager\r\n"}, Refused("refused_550")),
        ({"SEND": "554 failed\r\n"}, Refused("refused_554")),
        ({"MESS": "450 later\r\n"}, Retry(2.0, "later_450")),
        ({"PAGE": "421 closing\r\n"}, Refused("refused_421")),
        ({"greeting": "421 full\r\n"}, Refused("connection_lost")),
        ({"greeting": "HTTP/1.1 400 Bad\r\n"}, Refused("not_snpp")),
        ({"greeting": "\x00\xff\xfe\r\n"}, Refused("not_snpp")),
        ({"PAGE": "whatever\r\n"}, Refused("not_snpp")),
        ({"greeting": "hang"}, Refused("no_answer")),
        ({"SEND": ""}, Refused("connection_lost")),
        ({"MESS": ""}, Refused("connection_lost")),
        ({"SEND": "25"}, Refused("no_answer")),
    ],
)
async def test_whatever_the_server_says_there_is_an_outcome(by_verb: dict[str, str], outcome: object) -> None:
    async with scripted(answers(**by_verb)) as port:
        assert await snpp(port).send(page()) == outcome


@pytest.mark.parametrize("verb", ["PAGE", "MESS", "SEND"])
async def test_a_server_that_hangs_is_no_answer(verb: str) -> None:
    async with scripted(answers(**{verb: "hang"})) as port:
        assert await snpp(port).send(page()) == Refused("no_answer")


async def test_a_send_that_is_held_back_is_waited_for() -> None:
    async with scripted(answers(SEND="||||||||||||||||||||250 ok\r\n")) as port:
        assert await snpp(port, answer_s=0.1, send_s=5.0).send(page()) == Sent()


async def test_nobody_listens() -> None:
    assert await snpp(free_ports(1)[0]).send(page()) == Refused("connection_lost")


async def test_a_server_without_two_way_is_paged_all_the_same() -> None:
    async with scripted(answers(**{"2WAY": "500 what?\r\n"})) as port:
        assert await snpp(port, two_way=True).send(page()) == Sent()


async def test_a_two_way_unit_that_is_off_is_refused() -> None:
    async with scripted(answers(PAGE="750 not online\r\n")) as port:
        assert await snpp(port, two_way=True).send(page()) == Refused("refused_750")


def test_eighty_characters_take_eight_tenths_of_a_second_on_the_air() -> None:
    can = Snpp.can(Options(host="h"))
    assert can.air is not None and 0.7 < can.air.seconds("x" * 80) < 0.85
    assert can.charset == "ascii" and can.open and not can.two_way
    assert Snpp.can(Options(host="h", bits_per_s=0)).air is None


async def _is(what: bool) -> bool:
    return what
