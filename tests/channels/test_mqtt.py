"""Radios and handhelds against a real Mosquitto that lets nobody in unknown, and brokers that misbehave."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cli.handhelds.handheld import Handheld
from services.notify.channels.channel import Answer, Heard, Page, Receipt, Refused, Retry, Sent, Sign, Site
from services.notify.channels.mqtt import Mqtt, Options
from services.notify.channels.mqtt_link import Denied, Link, Received, Stay
from services.notify.channels.mqtt_listening import heard_of
from services.notify.channels.mqtt_topics import Message, expiry_s, parsed, place_of, topic
from shared.domain.estates.devices import DeviceChannel
from shared.domain.notifying.can import Air
from tests.support.installation import ROOT, until
from tests.support.peers.mosquitto import ESTATE, Mosquitto, mosquitto
from tests.support.stack import free_ports

ROW = DeviceChannel(id="radio", kind="mqtt")
SOUTH, NORTH = "gate-south", "gate-north"
REF = "ab" * 16
TEXT = "27 救护车到南门,去3栋1单元1201"


class Ears:
    """What was heard; `before` is done with each first."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.before: Callable[[Heard], Any] | None = None

    async def hear(self, one: Heard) -> None:
        if self.before and (waits := self.before(one)):
            await waits
        self.heard.append(one)

    def answers(self) -> list[str]:
        return [one.words or one.key or "" for one in self.heard if isinstance(one, Answer)]

    async def has_signs(self, *alive: bool) -> bool:
        return [one.alive for one in self.heard if isinstance(one, Sign)][-len(alive) :] == list(alive)


def site(secret: str | None, ears: Ears | None = None) -> Site:
    return Site(ESTATE, ROW, secret, (ears or Ears()).hear, "line.1")


@asynccontextmanager
async def channel(broker: Mosquitto, ears: Ears | None = None, **more: Any) -> AsyncIterator[Mqtt]:
    """Sends, and with `ears` also listens."""
    given = {"host": "127.0.0.1", "port": broker.port, "username": "notify", **more}
    made = Mqtt(site(broker.secret("notify"), ears), Options(**given))
    listening = asyncio.create_task(made.listen()) if ears else None
    try:
        yield made
    finally:
        if listening:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        await made.close()


@asynccontextmanager
async def carried(broker: Mosquitto, post: str = SOUTH, **more: Any) -> AsyncIterator[Handheld]:
    """Switched on and connected; off at the end."""
    handheld = Handheld(broker.as_post(post), ESTATE, post, **more)
    running = asyncio.create_task(handheld.run())
    try:
        assert await until(lambda: _is(handheld.state in ("connected", "unheard")), 20)
        yield handheld
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def linked(broker: Mosquitto, post: str, **stay: Any) -> AsyncIterator[Link]:
    """A device of a post without any manners."""
    link = Link(broker.as_post(post), Stay(f"{ESTATE}.{post}", **stay))
    await link.open()
    try:
        yield link
    finally:
        link.close()


def page(text: str = TEXT, **more: Any) -> Page:
    fields = {"ref": REF, "estate": ESTATE, "address": SOUTH, "lane": "emergency", "code": "27", "drill": False}
    return Page(**{**fields, "text": text, "seconds_left": 60.0, **more})


async def _is(found: bool) -> bool:
    return found


async def _texts(handheld: Handheld, *texts: str) -> bool:
    return [shown.message.text for shown in handheld.messages] == list(texts)


# What goes out.


async def test_a_message_arrives_whole_and_its_receipt_is_heard_as_delivered() -> None:
    ears = Ears()
    sent_at = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    more = {"step": "meet_ambulance", "task_id": "t.1", "guard": ("不乘电梯",), "outcomes": ("led_in",)}
    async with mosquitto() as broker, channel(broker, ears) as radio, carried(broker) as handheld:
        assert await radio.send(page(**more, record=("车牌",), clause=("S3.2.3",), sent_at=sent_at)) == Sent()
        assert await until(lambda: _is(Receipt(REF, "delivered") in ears.heard), 10)
    assert [shown.message for shown in handheld.messages] == [
        Message(
            ref=REF,
            text=TEXT,
            code="27",
            lane="emergency",
            clause=("S3.2.3",),
            sent_at=sent_at,
            record=("车牌",),
            **more,
        )
    ]


async def test_a_handheld_that_was_away_gets_its_messages_once_when_it_comes_back() -> None:
    async with mosquitto() as broker, channel(broker) as radio:
        async with carried(broker) as handheld:
            pass
        assert await radio.send(page("第一")) == Sent()
        assert await radio.send(page("第二", ref="cd" * 16)) == Sent()
        async with carried(broker) as handheld:
            assert await until(lambda: _texts(handheld, "第一", "第二"), 10)
        async with carried(broker) as handheld:
            assert await radio.send(page("第三", ref="ef" * 16)) == Sent()
            assert await until(lambda: _is(bool(handheld.messages)), 10)
            assert await _texts(handheld, "第三")


async def test_a_broker_that_was_killed_in_between_still_has_the_message() -> None:
    ears = Ears()
    async with mosquitto() as broker, channel(broker, ears) as radio:
        async with carried(broker):
            pass
        assert await radio.send(page()) == Sent()
        assert await until(lambda: broker.has_on_disk(REF), 10)
        broker.kill()
        await broker.start()
        async with carried(broker) as handheld:
            assert await until(lambda: _texts(handheld, TEXT), 20)
            assert await until(lambda: _is(Receipt(REF, "delivered") in ears.heard), 30)
        assert await until(lambda: _sends(radio, page("又通了", ref="cd" * 16)), 30)


async def _sends(radio: Mqtt, what: Page) -> bool:
    return await radio.send(what) == Sent()


async def test_a_message_that_says_nothing_any_more_does_not_arrive_late() -> None:
    async with mosquitto() as broker, channel(broker) as radio:
        async with carried(broker):
            pass
        assert await radio.send(page("过时", seconds_left=0.2)) == Sent()
        assert await radio.send(page("有效", ref="cd" * 16)) == Sent()
        await asyncio.sleep(2.5)
        async with carried(broker) as handheld:
            assert await until(lambda: _texts(handheld, "有效"), 10)


async def test_a_page_that_is_sent_again_is_shown_once_and_receipted_twice() -> None:
    ears = Ears()
    async with mosquitto() as broker, channel(broker, ears) as radio, carried(broker) as handheld:
        assert [await radio.send(page()), await radio.send(page())] == [Sent(), Sent()]
        assert await until(lambda: _is(ears.heard.count(Receipt(REF, "delivered")) == 2), 10)
        assert await _texts(handheld, TEXT)


async def test_a_post_without_a_device_is_refused_at_once() -> None:
    async with mosquitto() as broker, channel(broker) as radio:
        assert await radio.send(page()) == Refused("nobody_subscribes")


async def test_three_hundred_pages_at_once_all_arrive_though_the_broker_takes_twenty_at_a_time() -> None:
    async with mosquitto() as broker, channel(broker) as radio, carried(broker) as handheld:
        sent = await asyncio.gather(*(radio.send(page(f"{n}", ref=f"{n:032x}")) for n in range(300)))
        assert set(sent) == {Sent()}
        assert await until(lambda: _is(len(handheld.messages) == 300), 20)


async def test_nothing_stays_behind_for_whoever_comes_later() -> None:
    async with mosquitto() as broker, channel(broker) as radio:
        async with linked(broker, SOUTH) as device:
            await device.subscribe([topic(ESTATE, SOUTH, "messages")])
            assert await radio.send(page("之前")) == Sent()
            device.ack(await device.next())
        async with linked(broker, SOUTH) as device:
            await device.subscribe([topic(ESTATE, SOUTH, "messages")])
            assert await radio.send(page("之后")) == Sent()
            assert "之后" in (await device.next()).payload.decode()


@pytest.mark.parametrize("address", ["a/b", "+", "#", "gate south", "", "$SYS", "南门", "x" * 65])
async def test_an_address_that_is_no_level_of_a_topic_is_refused(address: str) -> None:
    radio = Mqtt(site(None), Options(host="127.0.0.1", port=1))
    assert await radio.send(page(address=address)) == Refused("bad_address")


# Brokers that are away, refuse, or are dead behind their connections.


async def test_without_a_broker_a_page_comes_back_soon_and_goes_once_it_is_there() -> None:
    async with mosquitto() as broker, channel(broker, patience_s=0.2) as radio, carried(broker):
        broker.kill()
        assert await until(lambda: _is_retry(radio, "not_connected"), 10)
        await broker.start()
        assert await until(lambda: _sends(radio, page()), 30)


async def test_a_broker_that_stays_away_refuses_pages_so_that_the_next_device_is_tried() -> None:
    async with mosquitto() as broker, channel(broker, patience_s=0.1, connect_s=1.0) as radio, carried(broker):
        assert await until(lambda: _sends(radio, page()), 10)
        broker.kill()
        assert await until(lambda: _is_retry(radio, "not_connected"), 10), "it may be back in a moment"
        assert await until(lambda: _is_refused(radio, "not_connected"), 10)
        await broker.start()
        assert await until(lambda: _sends(radio, page()), 40)


async def _is_retry(radio: Mqtt, reason: str) -> bool:
    return await radio.send(page()) == Retry(0.5, reason)


async def test_a_wrong_password_is_a_refusal_so_that_the_next_device_is_tried() -> None:
    async with mosquitto() as broker:
        radio = Mqtt(site("wrong"), Options(host="127.0.0.1", port=broker.port, username="notify"))
        assert await until(lambda: _is_refused(radio, "login_refused"), 10)
        await radio.close()


async def _is_refused(radio: Mqtt, reason: str) -> bool:
    return await radio.send(page()) == Refused(reason)


async def test_a_broker_that_stops_answering_holds_no_page_and_is_left_for_a_new_connection() -> None:
    async with mosquitto() as broker, channel(broker, answer_s=0.5, patience_s=0.2, connect_s=1.0) as radio:
        async with carried(broker):
            assert await radio.send(page()) == Sent()
        broker.pause()
        sent = asyncio.gather(*(radio.send(page(ref=f"{n:032x}")) for n in range(50)))
        found = await asyncio.wait_for(sent, 20)
        assert {one.reason for one in found if isinstance(one, Retry)} <= {"no_answer", "connection_lost"}
        assert all(isinstance(one, Retry) for one in found)
        away = await radio.send(page())
        assert isinstance(away, Retry | Refused) and away.reason == "not_connected"
        broker.go_on()
        assert await until(lambda: _sends(radio, page()), 30)


async def test_pages_go_out_without_waiting_for_one_anothers_acknowledgement() -> None:
    async with grudging_broker(pages=40) as port:
        radio = Mqtt(site(None), Options(host="127.0.0.1", port=port, answer_s=20.0))
        sent = await asyncio.gather(*(radio.send(page(ref=f"{n:032x}")) for n in range(40)))
        assert set(sent) == {Sent()}
        await radio.close()


async def test_a_broker_that_talks_nonsense_is_no_broker() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n\x00\xff\xff\xff\xff\xff")
        await reader.read()
        writer.close()

    port = free_ports(1)[0]
    async with await asyncio.start_server(babble, "127.0.0.1", port):
        radio = Mqtt(site(None), Options(host="127.0.0.1", port=port, connect_s=0.5, patience_s=1.5))
        assert await until(lambda: _is_refused(radio, "not_connected"), 10)
        await radio.close()


@asynccontextmanager
async def grudging_broker(pages: int) -> AsyncIterator[int]:
    """Acknowledges nothing before it has so many pages."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mids: list[bytes] = []
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                kind, content = await _packet(reader)
                if kind == 1:
                    writer.write(b"\x20\x03\x00\x00\x00")
                if kind == 3:
                    named = int.from_bytes(content[:2])
                    mids.append(content[2 + named : 4 + named])
                    if len(mids) == pages:
                        writer.write(b"".join(b"\x40\x02" + mid for mid in mids))
        writer.close()

    port = free_ports(1)[0]
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        yield port


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head, length, shift = (await reader.readexactly(1))[0], 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return head >> 4, await reader.readexactly(length)


async def test_tls_is_checked_against_the_authority_of_the_options() -> None:
    async with mosquitto(tls=True) as broker:
        ca = str(broker.authority)
        async with channel(broker, ca_file=ca) as radio:
            assert await radio.send(page()) == Refused("nobody_subscribes")
        async with channel(broker, tls=True, patience_s=1.5) as radio:
            assert await until(lambda: _is_refused(radio, "not_connected"), 20)


# What comes back.


async def test_an_answer_is_heard_with_its_task_its_key_and_the_time_it_was_said() -> None:
    ears = Ears()
    async with mosquitto() as broker, channel(broker, ears) as radio, carried(broker) as handheld:
        await radio.send(page(outcomes=("led_in", "not_conveyed")))
        assert await until(lambda: _is(bool(handheld.messages)), 10)
        first, second = handheld.answer("1"), handheld.answer("4", words="车已引入", outcome="led_in")
        assert await until(lambda: _is(len(ears.answers()) == 2), 10)
    found = [one for one in ears.heard if isinstance(one, Answer)]
    common = {"estate": ESTATE, "channel": "radio", "address": SOUTH, "ref": REF, "code": "27"}
    assert found == [
        Answer(**common, said_id=first.id, words="", key="1", said_at=first.said_at),
        Answer(**common, said_id=second.id, words="车已引入 led_in", key="4", said_at=second.said_at),
    ]
    assert first.id != second.id


async def test_answers_given_while_nobody_listened_are_heard_afterwards() -> None:
    ears = Ears()
    async with mosquitto() as broker:
        async with channel(broker, ears), carried(broker) as handheld:
            assert await until(lambda: ears.has_signs(True), 10)
        async with carried(broker) as handheld:
            handheld.answer("1")
            handheld.answer("2")
            assert await until(lambda: _is(not handheld.unsent), 10)
        assert ears.answers() == []
        async with channel(broker, ears):
            assert await until(lambda: _is(ears.answers() == ["1", "2"]), 20)


async def test_an_answer_that_nobody_ever_listened_for_stays_in_the_handheld_until_somebody_does() -> None:
    ears = Ears()
    async with mosquitto() as broker, carried(broker) as handheld:
        handheld.answer("1")
        assert await until(lambda: _is(handheld.state == "unheard"), 10)
        assert handheld.unsent == 1
        async with channel(broker, ears):
            assert await until(lambda: _is(ears.answers() == ["1"]), 20)


async def test_an_answer_that_was_received_and_not_heard_comes_again_after_a_kill() -> None:
    ears = Ears()
    async with mosquitto() as broker:
        command = [sys.executable, "-m", "tests.support.peers.mqtt_ear"]
        more = [ESTATE, str(broker.port), broker.secret("notify")]
        ear = await asyncio.create_subprocess_exec(*command, *more, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
        try:
            async with carried(broker) as handheld:
                said = handheld.answer("1")
                assert ear.stdout
                while (await asyncio.wait_for(ear.stdout.readline(), 20)).strip() != b"Answer":
                    pass
                assert await until(lambda: _is(not handheld.unsent), 10)
        finally:
            ear.kill()
            await ear.wait()
        async with channel(broker, ears):
            assert await until(lambda: _is(ears.answers() == ["1"]), 20)
        assert [one.said_id for one in ears.heard if isinstance(one, Answer)] == [said.id]
        async with channel(broker, ears), carried(broker) as handheld:
            handheld.answer("2")
            assert await until(lambda: _is(ears.answers() == ["1", "2"]), 20), "what was heard comes no more"


async def test_what_could_not_be_heard_holds_up_nothing_and_comes_again_with_the_next_connection() -> None:
    ears = Ears()

    def fails(one: Heard) -> None:
        if isinstance(one, Answer) and one.key == "1":
            raise ValueError

    ears.before = fails
    async with mosquitto() as broker:
        async with channel(broker, ears), carried(broker) as handheld:
            handheld.answer("1")
            handheld.answer("2")
            assert await until(lambda: _is(ears.answers() == ["2"]), 20)
        ears.before = None
        async with channel(broker, ears):
            assert await until(lambda: _is(ears.answers() == ["2", "1"]), 20)


async def test_what_could_not_be_heard_is_fetched_again_though_the_broker_never_goes_away() -> None:
    ears, failures = Ears(), iter((ValueError,))

    def fails_once(one: Heard) -> None:
        if isinstance(one, Answer) and (error := next(failures, None)):
            raise error

    ears.before = fails_once
    async with mosquitto() as broker, channel(broker, ears, again_s=0.5), carried(broker) as handheld:
        handheld.answer("1")
        assert await until(lambda: _is(ears.answers() == ["1"]), 20)


async def test_answers_of_one_device_keep_their_order_and_hold_up_no_other_device() -> None:
    ears, go_on = Ears(), asyncio.Event()

    def waits(one: Heard) -> Any:
        return go_on.wait() if isinstance(one, Answer) and one.key == "1" else None

    ears.before = waits
    async with (
        mosquitto() as broker,
        channel(broker, ears),
        carried(broker, SOUTH) as south,
        carried(broker, NORTH) as north,
    ):
        south.answer("1")
        south.answer("3")
        north.answer("2")
        assert await until(lambda: _is(ears.answers() == ["2"]), 20)
        go_on.set()
        assert await until(lambda: _is(ears.answers() == ["2", "1", "3"]), 20)


async def test_nonsense_is_passed_over_and_never_comes_again() -> None:
    ears = Ears()
    async with mosquitto() as broker, channel(broker, ears), linked(broker, SOUTH) as device:
        name = topic(ESTATE, SOUTH, "answers")
        assert await until(lambda: _accepts(device, name, b"\x00\xff{"), 10)
        for nonsense in (b"", b"[]", b'{"v":1,"key":"1"}', b'{"v":2,"id":"a","key":"1"}', b"x" * 60_000):
            assert await device.publish(name, nonsense) == 0
        assert await device.publish(name, b'{"id":"after","key":1}') == 0
        assert await until(lambda: _is(ears.answers() == ["1"]), 10)
        assert await until(lambda: _is(broker.log().count("Received PUBACK from baoshi") == 7), 10)


async def _accepts(device: Link, name: str, payload: bytes) -> bool:
    """Whether somebody listens already."""
    return await device.publish(name, payload) == 0


async def test_a_device_that_is_lost_says_so_by_its_will_and_is_here_again_afterwards() -> None:
    ears = Ears()
    async with mosquitto() as broker, channel(broker, ears):
        handheld = Handheld(broker.as_post(SOUTH), ESTATE, SOUTH, life_s=0.2)
        running = asyncio.create_task(handheld.run())
        assert await until(lambda: ears.has_signs(True, True, True), 20), "it says that it lives again and again"
        running.cancel()
        assert await until(lambda: ears.has_signs(False), 10)
        async with carried(broker):
            assert await until(lambda: ears.has_signs(False, True), 20)


async def test_a_device_that_was_there_first_is_known_to_be_here_as_soon_as_somebody_listens() -> None:
    ears = Ears()
    async with mosquitto() as broker, carried(broker):
        assert await until(lambda: _is("rc16" in broker.log()), 10), "its first sign was heard by nobody"
        async with channel(broker, ears):
            assert await until(lambda: ears.has_signs(True), 20)


# Who may what.


async def test_a_post_cannot_read_what_is_for_another_one() -> None:
    everything = [topic(ESTATE, SOUTH, "messages"), topic("+", "+", "messages"), "#"]
    async with mosquitto() as broker, channel(broker) as radio, carried(broker), linked(broker, NORTH) as thief:
        await thief.subscribe(everything)
        assert await radio.send(page("给南门")) == Sent()
        assert await radio.send(page("给北门", address=NORTH)) == Sent()
        assert "给北门" in (await thief.next()).payload.decode()


async def test_a_post_that_takes_over_anothers_session_gets_none_of_its_messages() -> None:
    async with mosquitto() as broker, channel(broker) as radio:
        async with carried(broker, SOUTH):
            pass
        assert await radio.send(page("给南门")) == Sent()
        thief = Link(broker.as_post(NORTH), Stay(f"{ESTATE}.{SOUTH}", session_s=600))
        await thief.open()
        await thief.subscribe([topic(ESTATE, NORTH, "messages")])
        assert await radio.send(page("给北门", address=NORTH)) == Sent()
        assert "给北门" in (await thief.next()).payload.decode()
        thief.close()


async def test_a_post_cannot_answer_for_another_one_nor_send_messages() -> None:
    ears, answer = Ears(), b'{"id":"forged","key":"1"}'
    async with mosquitto() as broker, channel(broker, ears), linked(broker, NORTH) as thief:
        for leaf in ("answers", "receipts", "status", "messages"):
            assert await thief.publish(topic(ESTATE, SOUTH, leaf), answer) == 0x87
        assert await thief.publish(topic(ESTATE, NORTH, "messages"), answer) == 0x87
        own = b'{"id":"own","key":"2","post":"gate-south","address":"gate-south","estate":"xinghe"}'
        assert await until(lambda: _accepts(thief, topic(ESTATE, NORTH, "answers"), own), 10)
        assert await until(lambda: _is(bool(ears.answers())), 10)
    assert {(one.address, one.key) for one in ears.heard if isinstance(one, Answer)} == {(NORTH, "2")}


async def test_nobody_unknown_comes_in_and_nothing_can_be_retained() -> None:
    async with mosquitto() as broker:
        for wrong in (broker.as_post(SOUTH)._replace(password="x"), broker.as_post(SOUTH)._replace(username=None)):
            with pytest.raises(Denied):
                await Link(wrong, Stay("anybody")).open()
        name = topic(ESTATE, SOUTH, "status")
        kept = await broker.own_client(
            "mosquitto_pub", f"{ESTATE}.{SOUTH}", "-q", "1", "-r", "-t", name, "-m", "{}"
        )
        assert kept.code != 0
        found = await broker.own_client("mosquitto_sub", "notify", "-W", "1", "--retained-only", "-t", name)
        assert found.printed == ""


# The pure parts.

ANSWERED = (ESTATE, "radio", SOUTH)
SAID_AT = datetime(2026, 11, 20, 11, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("leaf", "payload", "heard"),
    [
        ("answers", '{"id":"a1","key":"1"}', Answer(*ANSWERED, "a1", "", key="1")),
        ("answers", '{"v":1,"id":7,"key":1,"code":27}', Answer(*ANSWERED, "7", "", code="27", key="1")),
        ("answers", '{"id":"a","words":"27 明白","new":{"x":1}}', Answer(*ANSWERED, "a", "27 明白")),
        ("answers", '{"id":"a","key":"4","outcome":"led_in"}', Answer(*ANSWERED, "a", "led_in", key="4")),
        (
            "answers",
            '{"id":"a","key":"1","said_at":"2026-11-20T11:00:00+08:00"}',
            Answer(*ANSWERED, "a", "", key="1", said_at=SAID_AT),
        ),
        ("answers", '{"id":"a","key":"1","said_at":"yesterday"}', Answer(*ANSWERED, "a", "", key="1")),
        ("answers", '{"id":"a","key":"1","said_at":"2026-11-20T11:00:00"}', Answer(*ANSWERED, "a", "", key="1")),
        ("answers", '{"id":"a","key":"1","ref":[1]}', Answer(*ANSWERED, "a", "", key="1")),
        ("answers", '{"id":"a","address":"gate-north","key":"1"}', Answer(*ANSWERED, "a", "", key="1")),
        ("answers", f'{{"id":"a","words":"27 明白","key":"{"9" * 5000}"}}', Answer(*ANSWERED, "a", "27 明白")),
        ("answers", '{"key":"1"}', None),
        ("answers", '{"id":"","key":"1"}', None),
        ("answers", '{"v":2,"id":"a","key":"1"}', None),
        ("answers", "1", None),
        ("answers", "明白", None),
        ("receipts", f'{{"ref":"{REF}","what":"shown","at":"x"}}', Receipt(REF, "delivered")),
        (
            "receipts",
            f'{{"ref":"{REF}","what":"refused","reason":"radio_off"}}',
            Receipt(REF, "refused", "radio_off"),
        ),
        (
            "receipts",
            f'{{"ref":"{REF}","what":"refused","reason":"张三 13800"}}',
            Receipt(REF, "refused", "by_gateway"),
        ),
        ("receipts", f'{{"ref":"{REF}","what":"eaten"}}', None),
        ("receipts", '{"what":"shown"}', None),
        ("status", '{"state":"here"}', Sign(*ANSWERED, True)),
        ("status", '{"v":1,"state":"lost"}', Sign(*ANSWERED, False)),
        ("status", '{"state":"fine"}', None),
        ("messages", '{"id":"a","key":"1"}', None),
    ],
)
def test_what_a_device_says_is_read(leaf: Any, payload: str, heard: Heard | None) -> None:
    received = Received(topic(ESTATE, SOUTH, leaf), payload.encode(), 1, 1)
    assert heard_of(received, site(None)) == heard


@pytest.mark.parametrize(
    "name",
    ["", "baoshi/v1/lanting/answers", "baoshi/v1/xinghe/a/answers", "baoshi/v1/lanting/a/b/answers", "answers"],
)
def test_a_topic_of_no_device_of_the_estate_is_nobodys(name: str) -> None:
    assert place_of(name, ESTATE) is None


@pytest.mark.parametrize(
    ("left", "expiry"), [(0.01, 1), (1.0, 1), (1.01, 2), (59.2, 60), (-5.0, 1), (1e12, 2**32 - 1)]
)
def test_a_message_never_expires_before_its_time(left: float, expiry: int) -> None:
    assert expiry_s(left) == expiry


def test_a_message_is_small_and_chinese_stays_as_it_is() -> None:
    content = Message(ref=REF, text=TEXT).as_json()
    assert TEXT.encode() in content and b"task_id" not in content
    assert parsed(Message, content) == Message(ref=REF, text=TEXT)


def test_what_the_channel_can_follows_its_options() -> None:
    can = Mqtt.can(Options(host="broker"))
    assert (can.receipt, can.length, can.charset, can.two_way, can.open) == ("delivered", 80, "any", True, True)
    assert can.air is None
    assert Mqtt.can(Options(host="broker", air_bits_per_s=1200)).air == Air(1200, 16)
