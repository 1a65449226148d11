"""Pagers against a real SNPP server (Perl's Net::SNPP::Server), a two-way one, and one that is told what to say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from cli.demoing.pager_server import PagerServer, pager_server
from services.notify.channels.channel import Answer, Heard, Page, Receipt, Refused, Retry, Sent, Site
from services.notify.channels.snpp import Snpp
from services.notify.channels.snpp_options import Options
from services.notify.channels.snpp_replies import Replies, Reply, Status, data, line, status, tags
from shared.domain.estates.devices import DeviceChannel
from shared.domain.notifying.answers import Heard as Understood
from shared.domain.notifying.answers import read
from tests.support.installation import until
from tests.support.peers.snpp_perl import perl_snpp_server
from tests.support.peers.snpp_scripted import CLOSE, HANG, RESET, scripted
from tests.support.stack import free_ports

ROW = DeviceChannel(id="pager", kind="snpp", secret="pager")
REF = "ab" * 16
QUICK = {"connect_s": 2.0, "answer_s": 2.0, "send_s": 2.0, "poll_s": 0.05, "poll_most_s": 0.1, "retry_s": 0.1}
SHORT: dict[str, Any] = {"answer_s": 0.3, "send_s": 0.3}
REPLIES = ["1 OK", "3 HERE"]


def snpp(port: int, heard: list[Heard] | None = None, **options: Any) -> Snpp:
    async def hear(one: Heard) -> None:
        assert heard is not None, "nobody was asked"
        heard.append(one)

    given = Options.model_validate({"host": "127.0.0.1", "port": port, **QUICK, **options})
    return Snpp(Site("qinghe", ROW, "s3cret", hear, "test"), given)


def page(text: str = "27 AMBULANCE to B3-1-1201.", **more: Any) -> Page:
    fields = {"ref": REF, "estate": "qinghe", "address": "1001", "lane": "emergency", "code": "27"}
    return Page(**{**fields, "text": text, "drill": False, "seconds_left": 30.0, **more})


@asynccontextmanager
async def pagers() -> AsyncIterator[PagerServer]:
    async with pager_server(free_ports(1)[0]) as server:
        yield server


async def sent(channel: Snpp, **more: Any) -> str:
    """The token of a two-way page."""
    outcome = await channel.send(page(**more))
    assert isinstance(outcome, Sent) and outcome.token, outcome
    return outcome.token


async def came(heard: list[Heard], count: int) -> None:
    async def there() -> bool:
        return len(heard) >= count

    assert await until(there, 10), heard


def answers(heard: list[Heard]) -> list[Answer]:
    return [one for one in heard if isinstance(one, Answer)]


# The lines


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        ("250 ok\r\n", [Reply(250, "ok")]),
        ("250\n", [Reply(250, "")]),
        ("250 ok\r", [Reply(250, "ok")]),
        ("214 one\r\n214 two\r\n250 ready\r\n", [Reply(250, "ready")]),
        ("214\r\n214    PAGEr <id>\r\n220 hello\r\n", [Reply(220, "hello")]),
        ("220-first\r\nanything\r\n220 last\r\n", [Reply(220, "first last")]),
        ("\r\n\r\n250 ok\r\n\r\n", [Reply(250, "ok")]),
        ("250 a\x00b\x1b\r\n", [Reply(250, "a b")]),
        ("889 1 明白\r\n", [Reply(889, "1 明白")]),
        ("889 1 \xff\r\n", [Reply(889, "1 ÿ")]),
        ("250 one\r\n421 two\r\n", [Reply(250, "one"), Reply(421, "two")]),
        ("hello\r\n250 ok\r\n", [None, Reply(250, "ok")]),
        ("2500 ok\r\n", [None]),
        ("25 ok\r\n", [None]),
        ("100 ok\r\n", [None]),
        ("HTTP/1.1 400 Bad\r\n", [None]),
        ("250 unfinished", []),
        ("x" * 9000, [None]),
    ],
)
def test_replies_are_read_however_they_are_cut(said: str, replies: list[Reply | None]) -> None:
    assert list(Replies().feed(said.encode())) == replies
    bytewise = Replies()
    assert [reply for byte in said.encode() for reply in bytewise.feed(bytes([byte]))] == replies


def test_help_without_end_takes_no_memory() -> None:
    endless = Replies()
    assert list(endless.feed(b"250-more\r\n" * 5000)) == []
    assert [len(reply.text) < 200 for reply in endless.feed(b"250 end\r\n") if reply] == [True]


@pytest.mark.parametrize(
    "bad", ["A\r\nSEND", "A\nB", "A\x00B", "A\x1bB", "\r\n.\r\nQUIT", "A\x85B\u2028C", "急救 A"]
)
def test_whatever_the_words_it_is_one_line_of_seven_bits(bad: str) -> None:
    for said in (line("MESS", bad), line("PAGE", bad), line("LOGI", "a", bad)):
        assert said.endswith(b"\r\n")
        assert all(0x20 <= byte < 0x7F for byte in said[:-2])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("HELLO", b"HELLO\r\n.\r\n"),
        (".HELLO", b"..HELLO\r\n.\r\n"),
        (".", b"..\r\n.\r\n"),
        ("..", b"...\r\n.\r\n"),
        ("A\r\n.\r\nSEND", b"A\r\n..\r\nSEND\r\n.\r\n"),
        ("A\r.B\n.\x00", b"A\r\n..B\r\n.. \r\n.\r\n"),
    ],
)
def test_no_text_of_data_ends_itself(text: str, lines: bytes) -> None:
    assert data(text) == lines


@pytest.mark.parametrize(
    ("reply", "token"),
    [
        (Reply(960, "40001 10004 OK, Message QUEUED for Delivery"), "40001 10004"),
        (Reply(860, "A7 x9"), "A7 x9"),
        (Reply(960, "OK, Message QUEUED"), None),
        (Reply(880, "40001"), None),
        (Reply(960, f"1{'x' * 80} 2"), None),
        (Reply(250, "40001 10004 OK"), None),
    ],
)
def test_the_token_is_tag_and_passcode_or_nothing(reply: Reply, token: str | None) -> None:
    assert tags(reply) == token


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(960, "7 261127120000 Message Queued; Awaiting Delivery"), Status()),
        (Reply(860, "7 261127120000+8 Delivered, Awaiting Read Confirmation"), Status(delivered=True)),
        (Reply(861, "7 261127120000 -0600 Delivered, Awaiting Reply (MCR)"), Status(delivered=True)),
        (Reply(870, "7 261127120000 Delivered, Read, Awaiting Reply (MCR)"), Status(delivered=True)),
        (Reply(880, "7 261127120000 Message Delivered (No Reply Pending)"), Status(delivered=True)),
        (Reply(881, "7 261127120000 Message Delivered and Read"), Status(delivered=True)),
        (Reply(888, "7 261127120000+0800 03 MCR Reply Received"), Status(True, "03 MCR Reply Received", "3")),
        (Reply(888, "3"), Status(True, "3", "3")),
        (Reply(888, ""), Status(True, "", "?")),
        (Reply(889, "7 261127120000+0800 27 ok"), Status(True, "27 ok")),
        (Reply(889, "7 20261127120000 27 ok"), Status(True, "27 ok")),
        (Reply(889, "27 ok"), Status(True, "27 ok")),
        (Reply(889, "27 1"), Status(True, "27 1")),
        (Reply(889, "7 261127120000"), Status(True, "")),
        (Reply(889, ""), Status(True, "")),
        (Reply(780, "7 261127120000 MESSAGE EXPIRED Before Delivery!"), Status(refused="expired")),
        (Reply(750, "not online"), Status(refused="refused_750")),
        (Reply(550, "Unknown or Illegal Message_Tag or Pass_Code"), Status(known=False)),
        (Reply(500, "Command Not Implemented"), Status(known=False)),
        (Reply(554, "failed"), Status()),
        (Reply(250, "ok"), Status()),
    ],
)
def test_what_the_server_says_of_a_page_is_read(reply: Reply, found: Status) -> None:
    assert status(reply) == found


# The options


@pytest.mark.parametrize(
    "options",
    [{}, {"host": ""}, {"host": "h", "port": 0}, {"host": "h", "login": "a b"}, {"host": "h", "login": "a\r\nSEND"},
     {"host": "h", "level_emergency": 12}, {"host": "h", "choices": ["OK"]}, {"host": "h", "choices": ["10 OK"]},
     {"host": "h", "subject": "急"}, {"host": "h", "length": 5}, {"host": "h", "unknown": 1}],
)  # fmt: skip
def test_an_option_that_cannot_work_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


def test_every_option_can_stand_in_an_estates_file() -> None:
    given = {"host": "h", **Options(host="h").model_dump(exclude_none=True), "login": "desk", "level_emergency": 0}
    row = DeviceChannel(id="pager", kind="snpp", options=given)
    assert Options.model_validate(row.options).level_emergency == 0


def test_it_says_what_it_can() -> None:
    can = Snpp.can(Options(host="h"))
    assert can.air is not None and can.air.seconds("x" * 80) == pytest.approx(0.8, abs=0.05)
    assert (can.receipt, can.length, can.charset, can.two_way, can.open) == ("accepted", 80, "ascii", False, True)
    assert Snpp.can(Options(host="h", bits_per_s=0)).air is None
    assert Snpp.can(Options(host="h", two_way=True)).two_way


def test_every_choice_that_is_offered_is_an_answer_of_the_procedure() -> None:
    for choice in Options(host="h").choices:
        key, _, label = choice.partition(" ")
        assert read(choice, "27", key).meaning is not None
        assert label == "GO" or read(label).meaning == read(choice, None, key).meaning


# Perl's Net::SNPP::Server


@pytest.mark.parametrize("by_data", [False, True])
async def test_a_page_arrives_at_a_real_server_as_it_was_sent(by_data: bool) -> None:
    async with perl_snpp_server() as server:
        for text in ("27 AMBULANCE to B3-1-1201.", ".HIDDEN", "..", "SEND"):
            assert await snpp(server.port, data=by_data).send(page(text)) == Sent()
        await _taken(server.pages, 4)
    texts = [kept["mess"].removesuffix("\n") for kept in server.pages]
    assert texts == ["27 AMBULANCE to B3-1-1201.", ".HIDDEN", "..", "SEND"]
    assert all("twoway" not in kept and kept["pager"] == "1001" for kept in server.pages)


async def test_a_real_server_refuses_a_pager_that_it_does_not_know() -> None:
    async with perl_snpp_server() as server:
        assert await snpp(server.port).send(page(address="12")) == Refused("refused_550")
        assert await snpp(server.port, two_way=True).send(page(address="12")) == Refused("refused_550")
        assert await snpp(server.port).send(page("")) == Refused("refused_550")
    assert server.pages == []


async def test_optional_verbs_that_a_real_server_lacks_are_no_refusal() -> None:
    async with perl_snpp_server() as server:
        channel = snpp(
            server.port, login="desk", two_way=True, no_queue=True, level_emergency=0, coverage="2", alert=True,
            caller="desk", subject="FIRE",
        )  # fmt: skip
        await sent(channel, text="ANYTHING")
        await _taken(server.pages, 1)
    kept = server.pages[0]
    assert (kept["mess"], kept["alert"], kept["subj"], kept["twoway"]) == ("ANYTHING", 1, "FIRE", 1)
    # The module keeps a reply's number before its words, too.
    assert kept["responses"]["03"].split()[-1] == "HERE"


async def test_a_server_that_hangs_up_after_a_few_unknown_verbs_is_paged_at_the_next_try() -> None:
    async with perl_snpp_server(most_errors=2) as server:
        channel = snpp(server.port, login="desk", level_emergency=0, coverage="2", two_way=True)
        outcomes = [await channel.send(page())]
        while isinstance(outcomes[-1], Retry) and len(outcomes) < 9:
            outcomes.append(await channel.send(page()))
        await _taken(server.pages, 1)
    assert isinstance(outcomes[-1], Sent)
    assert set(outcomes[:-1]) == {Retry(0.1, "later_421")}
    assert len(server.pages) == 1


async def test_a_reply_comes_from_a_real_server_also_when_it_was_killed_in_between() -> None:
    heard: list[Heard] = []
    async with perl_snpp_server() as server:
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        watching = asyncio.create_task(channel.watch(page(), token))
        await came(heard, 1)
        await server.kill()
        server.reply(token.split()[0], "27 OMW")
        assert isinstance(await channel.send(page()), Refused)
        await server.start()
        await came(heard, 2)
        watching.cancel()
    assert heard[0] == Receipt(REF, "delivered")
    assert [(a.words, a.address, a.ref, a.code, a.key) for a in answers(heard)] == [
        ("27 OMW", "1001", REF, None, None)
    ]


async def _taken(pages: list[Any], count: int) -> None:
    async def there() -> bool:
        return len(pages) >= count

    assert await until(there, 10), pages


# A server with two-way pagers


async def test_forty_pages_at_once_all_arrive() -> None:
    async with pagers() as server:
        sends = [snpp(server.port).send(page(f"PAGE {n}", address=str(n))) for n in range(40)]
        assert set(await asyncio.gather(*sends)) == {Sent()}
    assert sorted((int(p.pager), p.text) for p in server.pages) == [(n, f"PAGE {n}") for n in range(40)]


async def test_a_two_way_page_offers_replies_and_says_how_urgent_it_is() -> None:
    async with pagers() as server:
        channel = snpp(server.port, two_way=True, choices=REPLIES, level_emergency=0, level_routine=5)
        assert (await channel.send(page()))[0] == "delivered"
        await sent(channel, lane="routine", code=None)
    urgent, routine = server.pages
    assert (urgent.level, urgent.two_way, urgent.choices) == (0, True, {"01": "OK", "03": "HERE"})
    assert (routine.level, routine.two_way, routine.choices) == (5, True, {})


async def test_each_new_reply_is_heard_once() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        watching = asyncio.create_task(channel.watch(page(), token))
        await came(heard, 1)
        tag = server.pages[0].tag
        for count, words in enumerate(("27 ok", "27 go", "27 here"), start=2):
            server.reply(tag, words)
            await came(heard, count)
            await asyncio.sleep(0.3)
        assert not watching.done()
        watching.cancel()
    assert heard[0] == Receipt(REF, "delivered")
    assert [a.words for a in answers(heard)] == ["27 ok", "27 go", "27 here"]
    assert len({a.said_id for a in answers(heard)}) == 3
    assert server.killed == [], "a page that can still be answered keeps its tag"


async def test_a_chosen_reply_is_heard_with_its_key() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        channel = snpp(server.port, heard, two_way=True, choices=REPLIES)
        token = await sent(channel)
        server.choose(server.pages[0].tag, "03")
        await channel.watch(page(seconds_left=0.2), token)
    [answer] = answers(heard)
    assert (answer.words, answer.key, answer.code, answer.ref) == ("3 HERE", "3", "27", REF)
    assert read(answer.words, answer.code, answer.key) == Understood("27", "arrive")


async def test_a_reply_heard_again_after_a_crash_is_the_same_one() -> None:
    before: list[Heard] = []
    after: list[Heard] = []
    async with pagers() as server:
        token = await sent(snpp(server.port, two_way=True))
        server.reply(server.pages[0].tag, "27 ok")
        for heard in (before, after):
            watching = asyncio.create_task(snpp(server.port, heard, two_way=True).watch(page(), token))
            await came(heard, 2)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    assert before == after
    assert [a.words for a in answers(before)] == ["27 ok"]


@pytest.mark.parametrize(
    ("words", "code"), [("ok", "27"), ("1", "27"), ("", "27"), ("27 ok", "27"), ("28 ok", "28"), ("#28", "28")]
)
async def test_a_reply_is_to_its_page_unless_it_names_another_code(words: str, code: str) -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        server.reply(server.pages[0].tag, words)
        await channel.watch(page(seconds_left=0.1), token)
    [answer] = answers(heard)
    assert answer.words == words
    assert read(answer.words, answer.code, answer.key).code == code


async def test_a_reply_without_text_is_heard_for_a_person_to_look_at() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        server.reply(server.pages[0].tag, "")
        await channel.watch(page(seconds_left=0.2), token)
    assert [a.words for a in answers(heard)] == [""]


async def test_what_is_heard_is_durable_before_it_is_asked_for_again() -> None:
    async with pagers() as server:
        channel, durable = snpp(server.port, two_way=True), asyncio.Event()
        heard: list[Heard] = []

        async def hear(one: Heard) -> None:
            heard.append(one)
            await durable.wait()

        channel.site = channel.site._replace(hear=hear)
        token = await sent(channel)
        server.reply(server.pages[0].tag, "27 ok")
        watching = asyncio.create_task(channel.watch(page(seconds_left=0.2), token))
        await came(heard, 1)
        await asyncio.sleep(0.5)
        assert (len(heard), server.killed) == (1, []), "nothing is given up before the first is durable"
        durable.set()
        await asyncio.wait_for(watching, 10)
    assert [type(one) for one in heard] == [Receipt, Answer]
    assert server.killed == [server.pages[0].tag]


async def test_a_pager_that_is_off_is_delivered_when_it_is_on_again() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        server.off.add("1001")
        channel = snpp(server.port, heard, two_way=True)
        outcome = await channel.send(page())
        assert isinstance(outcome, Sent) and outcome.token and outcome.receipt == "accepted"
        watching = asyncio.create_task(channel.watch(page(code=None), outcome.token))
        await asyncio.sleep(0.3)
        assert heard == []
        server.arrive(server.pages[0].tag)
        await asyncio.wait_for(watching, 10)
    assert heard == [Receipt(REF, "delivered")]


async def test_a_page_that_no_pager_took_in_time_is_refused() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        server.off.add("1001")
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        server.expire(server.pages[0].tag)
        await asyncio.wait_for(channel.watch(page(), token), 10)
    assert heard == [Receipt(REF, "refused", "expired")]


async def test_a_pager_that_cannot_answer_is_paged_one_way() -> None:
    async with pagers() as server:
        server.one_way.add("1001")
        assert await snpp(server.port, two_way=True).send(page()) == Sent()
    assert [(p.text, p.two_way) for p in server.pages] == [("27 AMBULANCE to B3-1-1201.", False)]


async def test_a_tag_that_the_server_does_not_know_any_more_is_not_asked_for_again() -> None:
    async with pagers() as server:
        await asyncio.wait_for(snpp(server.port, [], two_way=True).watch(page(), "40001 10004"), 10)


async def test_watching_ends_with_the_page_and_gives_the_tag_back() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        await asyncio.wait_for(channel.watch(page(seconds_left=0.2), token), 10)
        assert server.killed == [server.pages[0].tag]


async def test_watching_goes_on_through_an_outage_and_never_beyond_its_time() -> None:
    heard: list[Heard] = []
    async with pagers() as server:
        channel = snpp(server.port, heard, two_way=True)
        token = await sent(channel)
        await server.close()
        watching = asyncio.create_task(channel.watch(page(), token))
        await asyncio.sleep(0.3)
        assert not watching.done() and heard == []
        await asyncio.wait_for(channel.watch(page(seconds_left=0.3), token), 10)
        server.reply(server.pages[0].tag, "YES")
        await server.open()
        await came(heard, 2)
        watching.cancel()
    assert [a.words for a in answers(heard)] == ["YES"]


# A server that does what it is told


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ({}, Sent()),
        ({"greeting": "2|20 he|llo\r|\n"}, Sent()),
        ({"greeting": "214 type HELP\r\n250 ready\r\n"}, Sent()),
        ({"greeting": "220-hello\r\nfree text\r\n220 ready\r\n"}, Sent()),
        ({"MESS": "214 help\r\n214 more help\r\n250 ok\r\n"}, Sent()),
        ({"PAGE": "250-one\r\n250 ok\r\n"}, Sent()),
        ({"PAGE": "2|5|0| |o|k|\r|\n"}, Sent()),
        ({"SEND": "250 40001 10004 OK, Message QUEUED\r\n"}, Sent()),
        ({"SEND": "250 ok\r\n421 goodbye\r\n"}, Sent()),
        ({"PAGE": "550 no such pager\r\n"}, Refused("refused_550")),
        ({"PAGE": "750 not online\r\n"}, Refused("refused_750")),
        ({"MESS": "554 too long\r\n"}, Refused("refused_554")),
        ({"SEND": "554 failed\r\n"}, Refused("refused_554")),
        ({"SEND": "354 go on\r\n"}, Refused("refused_354")),
        ({"greeting": "554 not for you\r\n"}, Refused("refused_554")),
        ({"greeting": "421 full\r\n"}, Retry(0.1, "later_421")),
        ({"PAGE": "421 closing\r\n"}, Retry(0.1, "later_421")),
        ({"MESS": "450 later\r\n"}, Retry(0.1, "later_450")),
        ({"SEND": "421 goodbye\r\n"}, Retry(0.1, "later_421")),
        ({"PAGE": "250 ok\r\n421 shutting down\r\n"}, Retry(0.1, "later_421")),
        ({"greeting": "HTTP/1.1 400 Bad\r\n"}, Refused("not_snpp")),
        ({"greeting": "\x00\xff\xfe\r\n"}, Refused("not_snpp")),
        ({"greeting": "x" * 100_000}, Refused("not_snpp")),
        ({"PAGE": "whatever\r\n"}, Refused("not_snpp")),
        ({"SEND": "whatever\r\n"}, Refused("not_snpp")),
        ({"greeting": CLOSE}, Refused("connection_lost")),
        ({"PAGE": CLOSE}, Refused("connection_lost")),
        ({"MESS": RESET}, Refused("connection_lost")),
        ({"SEND": CLOSE}, Refused("connection_lost")),
        ({"SEND": RESET}, Refused("connection_lost")),
    ],
)
async def test_whatever_the_server_says_there_is_an_outcome(says: dict[str, str], outcome: object) -> None:
    async with scripted(**says) as server:
        assert await snpp(server.port).send(page()) == outcome


@pytest.mark.parametrize("verb", ["greeting", "PAGE", "MESS", "DATA", ".", "SEND"])
async def test_a_server_that_hangs_is_no_answer(verb: str) -> None:
    async with scripted() as server:
        server.says[verb] = HANG
        channel = snpp(server.port, data=verb in ("DATA", "."), **SHORT)
        assert await channel.send(page()) == Refused("no_answer")
        assert await until(lambda: _same(server.connections, 0), 5), "the connection is kept"


@pytest.mark.parametrize("cut", ["25", "214 help\r\n", "250-more\r\n"])
async def test_a_reply_without_an_end_is_no_answer(cut: str) -> None:
    async with scripted(SEND=cut) as server:
        assert await snpp(server.port, **SHORT).send(page()) == Refused("no_answer")


async def test_a_server_that_takes_its_time_with_every_verb_is_given_up_as_a_whole() -> None:
    async with scripted(PAGE="|" * 30 + "250 ok\r\n", MESS="|" * 30 + "250 ok\r\n") as server:
        assert await snpp(server.port, dialogue_s=0.4).send(page()) == Refused("no_answer")
    assert "SEND" not in server.verbs()


async def test_a_send_that_blocks_for_long_is_waited_for() -> None:
    async with scripted(SEND="|" * 250 + "250 ok\r\n") as server:
        assert await snpp(server.port, answer_s=2.0, dialogue_s=2.0, send_s=60.0).send(page()) == Sent()


async def test_nobody_listens() -> None:
    assert await snpp(free_ports(1)[0]).send(page()) == Refused("connection_lost")
    nowhere = snpp(1)
    nowhere.options = nowhere.options.model_copy(update={"host": "a" * 70 + ".invalid"})
    assert await nowhere.send(page()) == Refused("connection_lost")


async def test_a_page_is_not_taken_for_sent_because_the_server_says_everything_twice() -> None:
    twice = "250 ok\r\n250 ok\r\n"
    async with scripted(PAGE=twice, MESS=twice, SEND=CLOSE) as server:
        assert await snpp(server.port).send(page()) == Refused("connection_lost")


@pytest.mark.parametrize("address", ["", " ", "值班"])
async def test_an_address_that_is_none_is_not_paged(address: str) -> None:
    async with scripted() as server:
        assert await snpp(server.port).send(page(address=address)) == Refused("bad_address")
    assert server.lines == []


async def test_no_character_of_a_page_becomes_a_line_of_its_own() -> None:
    async with scripted() as server:
        assert await snpp(server.port).send(page("A\r\nSEND\x00B\nQUIT", address="1001\r\nSEND")) == Sent()
        await until(lambda: _same(len(server.lines), 4), 5)
    assert server.lines == ["PAGE 1001 SEND", "MESS A SEND B QUIT", "SEND", "QUIT"]


async def test_every_verb_stands_where_the_rfc_wants_it() -> None:
    async with scripted(SEND="960 40001 10004 queued\r\n") as server:
        channel = snpp(
            server.port, login="desk", two_way=True, choices=REPLIES, level_emergency=0, alert=True, coverage="2",
            caller="95588", subject="FIRE", no_queue=True, data=True,
        )  # fmt: skip
        assert await channel.send(page(".A", seconds_left=3700.0)) == Sent("accepted", "40001 10004")
    assert server.lines[:18] == [
        "LOGI desk s3cret", "2WAY", "LEVE 0", "COVE 2", "ALER 1", "PAGE 1001", "EXPT 2", "NOQUEUE", "ACKR 1",
        "RTYP MULTICHOICE", "MCRE 01 OK", "MCRE 03 HERE", "CALL 95588", "SUBJ FIRE", "DATA", "..A", ".", "SEND",
    ]  # fmt: skip


async def test_a_routine_page_alerts_nobody() -> None:
    async with scripted() as server:
        assert await snpp(server.port, alert=True, level_emergency=0).send(page(lane="routine")) == Sent()
        assert await snpp(server.port, two_way=True, choices=[]).send(page()) == Sent()
    assert "ALER" not in server.verbs() and "LEVE" not in server.verbs() and "RTYP TEXT" in server.lines


@pytest.mark.parametrize("refusal", ["500 what?\r\n", "503 not now\r\n", "550 no\r\n", "554 failed\r\n"])
async def test_no_optional_verb_can_refuse_the_page(refusal: str) -> None:
    optional = ["LOGI", "2WAY", "LEVE", "ALER", "COVE", "CALL", "SUBJ", "EXPT", "NOQUEUE", "ACKR", "RTYP", "MCRE"]
    async with scripted() as server:
        server.says.update(dict.fromkeys(["DATA", *optional], refusal))
        channel = snpp(
            server.port, login="desk", two_way=True, level_emergency=0, alert=True, coverage="2", caller="1",
            subject="A", no_queue=True, data=True,
        )  # fmt: skip
        assert await channel.send(page()) == Sent()
        server.says["2WAY"] = "250 ok\r\n"
        assert await channel.send(page()) == Sent()
    assert server.lines.count("MESS 27 AMBULANCE to B3-1-1201.") == 2


@pytest.mark.parametrize(("forget_s", "asked"), [(600.0, 1), (0.0, 3)])
async def test_a_verb_that_the_server_lacks_is_left_out_for_a_while(forget_s: float, asked: int) -> None:
    async with scripted(LEVE="500 what?\r\n", COVE="550 no such area\r\n") as server:
        channel = snpp(server.port, level_emergency=0, coverage="9", forget_s=forget_s)
        for _ in range(3):
            assert await channel.send(page()) == Sent()
    assert (server.verbs().count("LEVE"), server.verbs().count("COVE")) == (asked, 3)


async def test_a_slow_server_is_not_asked_for_every_nicety() -> None:
    slow = "|" * 50 + "250 ok\r\n"
    async with scripted(SEND="960 40001 10004\r\n", EXPT=slow, ACKR=slow, RTYP=slow, MCRE=slow) as server:
        assert await snpp(server.port, two_way=True, dialogue_s=4.0).send(page()) == Sent("accepted", "40001 10004")
    assert server.verbs().count("MCRE") < 7


async def test_an_emergency_waits_for_no_other_page() -> None:
    async with scripted(SEND=["|" * 500 + "250 ok\r\n", "250 ok\r\n"]) as server:
        channel = snpp(server.port, send_s=60.0)
        waiting = asyncio.create_task(channel.send(page("NOTE", lane="routine")))
        assert await until(lambda: _same("SEND" in server.verbs(), True), 5)
        assert await channel.send(page()) == Sent()
        assert not waiting.done()
        waiting.cancel()


async def test_asking_for_replies_leaves_the_server_room_for_pages() -> None:
    async with scripted(MSTA=HANG) as server:
        channel = snpp(server.port, [], two_way=True, polls_at_once=2, answer_s=30.0, dialogue_s=30.0)
        watching = [asyncio.create_task(channel.watch(page(), f"{n} {n}")) for n in range(20)]
        assert await until(lambda: _same(server.verbs().count("MSTA"), 2), 5)
        assert isinstance(await channel.send(page()), Sent)
        assert server.most == 3
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def test_a_page_that_is_called_off_leaves_no_connection() -> None:
    async with scripted(SEND=HANG) as server:
        sending = asyncio.create_task(snpp(server.port, send_s=60.0).send(page()))
        assert await until(lambda: _same("SEND" in server.verbs(), True), 5)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        server.says["SEND"] = "250 ok\r\n"
        assert await snpp(server.port).send(page()) == Sent()


@pytest.mark.parametrize(
    "says",
    ["421 busy\r\n", "554 failed\r\n", "nonsense\r\n", CLOSE, RESET, "250 hm\r\n", "960 7 261127120000 queued\r\n"],
)
async def test_whatever_is_said_of_a_page_it_is_asked_for_again(says: str) -> None:
    heard: list[Heard] = []
    async with scripted(MSTA=[says, "889 7 261127120000+0800 27 ok\r\n"]) as server:
        channel = snpp(server.port, heard, two_way=True)
        watching = asyncio.create_task(channel.watch(page(), "40001 10004"))
        await came(heard, 2)
        watching.cancel()
    assert [a.words for a in answers(heard)] == ["27 ok"]
    assert server.lines.count("MSTA 40001 10004") >= 2


async def test_no_secret_and_no_text_is_in_any_outcome() -> None:
    for said in ("550 27 AMBULANCE s3cret\r\n", "421 27 AMBULANCE s3cret\r\n", "27 AMBULANCE s3cret\r\n"):
        async with scripted(PAGE=said) as server:
            outcome = repr(await snpp(server.port, login="desk").send(page()))
        assert "s3cret" not in outcome and "AMBULANCE" not in outcome


async def _same(one: object, other: object) -> bool:
    return one == other
