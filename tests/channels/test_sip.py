"""SIP MESSAGE: the pure parts by table, and pages and answers with baresip, SIPp and others that misbehave."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from services.notify.channels.channel import Answer, Heard, Outcome, Page, Refused, Retry, Sent, Sign, Site
from services.notify.channels.sip import Options, Sip, outcome_of, target_of
from services.notify.channels.sip_digest import credentials
from services.notify.channels.sip_messages import Malformed, Message, Stream, parameters, read, response, way_back
from shared.contracts.vocabulary import Lane
from shared.domain.estates.devices import DeviceChannel
from tests.support.installation import until
from tests.support.peers.sip_baresip import handset
from tests.support.peers.sip_sipp import RECEIVE, answer, answering, calling, receive_with_digest
from tests.support.stack import free_ports

Transport = Literal["udp", "tcp"]
both = pytest.mark.parametrize("transport", ["udp", "tcp"])
_QUICK = {"timeout_s": 5.0, "t1_s": 0.1, "t2_s": 0.4, "listen_host": "127.0.0.1"}


def raw(first: str = "MESSAGE sip:baoshi@127.0.0.1 SIP/2.0", body: bytes = b"", **changed: str | None) -> bytes:
    """A whole message; a header given as None is left out, `_` in its name is a hyphen."""
    headers: dict[str, str | None] = {
        "Via": "SIP/2.0/UDP 192.168.7.21:5062;branch=z9hG4bK77ef4c;rport",
        "From": "Guard <sip:4001@192.168.7.1>;tag=a1",
        "To": "<sip:baoshi@127.0.0.1>",
        "Call-ID": "c1@192.168.7.21",
        "CSeq": "7 MESSAGE",
        "Content-Type": "text/plain",
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    lines = [first, *(f"{name}: {value}" for name, value in headers.items() if value is not None), "", ""]
    return "\r\n".join(lines).encode() + body


def test_a_message_is_read_with_its_short_names_and_folded_lines() -> None:
    data = (
        b"MESSAGE sip:x@y SIP/2.0\r\nv: SIP/2.0/UDP h:5062\r\n ;branch=z9hG4bK1;rport, SIP/2.0/UDP p\r\n"
        b'f: "A <b>" <sip:40%2001@h;user=phone>;tag=9\r\nt: <sip:x@y>\r\ni: 1\r\nCSEQ:  1   MESSAGE\r\n'
        b"l: 2\r\n\r\n17beyond"
    )
    message = read(data)
    assert (message.method, message.status, message.body, message.caller) == ("MESSAGE", None, b"17", "40 01")
    assert message.branch == "z9hG4bK1"
    assert message.transaction == ("z9hG4bK1", "h:5062", "MESSAGE")
    assert parameters(message.get("from")) == {"tag": "9"}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\r\n\r\n", b"\x00" * 40, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", raw("MESSAGE SIP/2.0"),
        raw("SIP/2.0 99 No"), raw("SIP/2.0 abc"), raw(Via=None), raw(Via="nonsense"), raw(From=None), raw(To=None),
        raw(Call_ID=None), raw(CSeq=None), raw(CSeq="x"),
        raw(Content_Length="5"), raw(Content_Length="-1"), raw(Content_Length="x"),
        raw().replace(b"CSeq:", b"CSeq"), b"\xff\xfe" + raw(), raw()[:80],
    ],
)  # fmt: skip
def test_what_is_not_a_message_is_said_so(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


def test_a_stream_is_cut_by_content_length_wherever_it_breaks() -> None:
    one, two = raw(body="明白".encode()), raw(body=b"a\r\n\r\nb", Content_Length=None, l="6")
    sent = b"\r\n\r\n" + one + b"\r\n" + two + one
    for step in (1, 3, 50, len(sent)):
        stream = Stream()
        found = [m.body for at in range(0, len(sent), step) for m in stream.feed(sent[at : at + step])]
        assert found == ["明白".encode(), b"a\r\n\r\nb", "明白".encode()]


@pytest.mark.parametrize("data", [raw(Content_Length=None), raw(Content_Length="99999999"), b"x" * 70_000])
def test_a_stream_that_cannot_be_cut_is_given_up(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(Stream().feed(data))


def test_a_response_finds_its_way_back() -> None:
    request = read(raw(Via="SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.2"))
    answered = read(response(request, "200 OK", ("192.0.2.9", 1234), [("Allow", "MESSAGE")]))
    assert answered.via == "SIP/2.0/UDP 10.0.0.1:5070;rport=1234;branch=z9hG4bK1;received=192.0.2.9"
    assert answered.get("via").endswith(", SIP/2.0/UDP 10.0.0.2")
    assert (answered.status, answered.method, answered.get("allow")) == (200, "MESSAGE", "MESSAGE")
    assert parameters(answered.get("to"))["tag"]
    assert response(request, "200 OK", ("192.0.2.9", 1234)) == response(request, "200 OK", ("192.0.2.9", 1234))
    assert way_back(request, ("192.0.2.9", 1234)) == ("192.0.2.9", 1234)
    assert way_back(read(raw(Via="SIP/2.0/UDP h:5070;branch=z9hG4bK1")), ("192.0.2.9", 1234)) == ("192.0.2.9", 5070)
    assert way_back(read(raw(Via="SIP/2.0/UDP h;branch=z9hG4bK1")), ("192.0.2.9", 1234)) == ("192.0.2.9", 5060)


# RFC 7616, 3.9.1: both algorithms
_RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_credentials_are_those_of_the_rfc(algorithm: str, digest: str) -> None:
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    said = credentials([_RFC_7616.format(algorithm)], "GET", "/dir/index.html", "Mufasa", "Circle of Life", cnonce)
    assert said is not None and f'response="{digest}"' in said and f"algorithm={algorithm}" in said
    assert "qop=auth, nc=00000001" in said and 'opaque="FQhe' in said


@pytest.mark.parametrize(
    ("challenges", "wanted"),
    [
        (['Digest realm="r", nonce="n"'], "Digest "),
        (
            ['Digest realm="r", nonce="n", algorithm=SHA-512-256', 'Digest realm="r", nonce="n", algorithm=MD5'],
            "=MD5",
        ),
        (
            ['Digest realm="r", nonce="n", algorithm=SHA-256', 'Digest realm="r", nonce="n", algorithm=MD5'],
            "=SHA-256",
        ),
        (['Digest realm="r", nonce="n", qop="auth-int"'], None),
        (['Basic realm="r"', "nonsense", ""], None),
        ([], None),
    ],
)
def test_the_first_challenge_that_is_known_is_answered(challenges: list[str], wanted: str | None) -> None:
    said = credentials(challenges, "MESSAGE", "sip:a@b", "u", "p", "c")
    assert (said is None) if wanted is None else (said is not None and wanted in said)


@pytest.mark.parametrize(
    ("address", "options", "target"),
    [
        ("4001", {"host": "pbx"}, ("sip:4001@pbx", "pbx", 5060)),
        ("4001", {"host": "pbx", "domain": "estate.cn", "port": 5080}, ("sip:4001@estate.cn", "pbx", 5080)),
        ("sip:4001@other", {"host": "pbx"}, ("sip:4001@other", "pbx", 5060)),
        ("4001@10.0.0.7:5070", {}, ("sip:4001@10.0.0.7:5070", "10.0.0.7", 5070)),
        ("4001@[fd00::7]", {}, ("sip:4001@[fd00::7]", "fd00::7", 5060)),
        ("门岗", {"host": "pbx"}, ("sip:%E9%97%A8%E5%B2%97@pbx", "pbx", 5060)),
        ("4001", {}, None), ("4001@h:99999", {}, None), ("a b@h", {}, None), ("<4001>", {"host": "p"}, None),
        ("4001@h>;x", {}, None), ("@h", {}, None),
    ],
)  # fmt: skip
def test_an_address_is_a_number_or_a_whole_uri(address: str, options: dict[str, Any], target: Any) -> None:
    assert target_of(address, Options.model_validate(options)) == target


@pytest.mark.parametrize(
    ("status", "more", "outcome"),
    [
        ("200 OK", {}, Sent("delivered")),
        ("202 Accepted", {}, Sent("accepted")),
        ("204 No", {}, Sent("delivered")),
        ("302 Moved", {}, Refused("sip_302")),
        ("404 Not Found", {}, Refused("sip_404")),
        ("480 Away", {}, Refused("sip_480")),
        ("486 Busy", {}, Refused("sip_486")),
        ("501 No", {}, Refused("sip_501")),
        ("603 Decline", {}, Refused("sip_603")),
        ("408 Late", {}, Retry(2.0, "sip_408")),
        ("503 Full", {"Retry-After": "7 (soon)"}, Retry(7.0, "sip_503")),
        ("503 Full", {"Retry-After": "9999"}, Retry(60.0, "sip_503")),
        ("500 Oh", {"Retry-After": "x"}, Retry(2.0, "sip_500")),
    ],
)
def test_every_final_answer_has_its_outcome(status: str, more: dict[str, str], outcome: Outcome) -> None:
    assert outcome_of(read(raw(f"SIP/2.0 {status}", **more)), 2.0) == outcome


def test_it_says_what_it_can() -> None:
    can = Sip.can(Options(host="pbx", listen_port=5060))
    assert (can.receipt, can.length, can.charset, can.two_way, can.open) == ("delivered", 160, "any", True, False)
    assert not Sip.can(Options(host="pbx")).two_way
    for wrong in ({"length": 1000}, {"user": 'a"b'}, {"domain": "a>b"}, {"listen_to": ["x"]}, {"unknown": 1}):
        with pytest.raises(ValidationError):
            Options.model_validate(wrong)


class Ear:
    """Hears for the service; `hold` keeps what is said from being durable, `deaf` fails."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.came = 0
        self.hold, self.deaf = asyncio.Event(), False
        self.hold.set()

    async def __call__(self, what: Heard) -> None:
        self.came += 1
        await self.hold.wait()
        if self.deaf:
            raise RuntimeError
        self.heard.append(what)


def channel(ear: Ear, secret: str | None = None, **options: Any) -> Sip:
    row = DeviceChannel(id="dect", kind="sip")
    return Sip(Site("qinghe", row, secret, ear, "test"), Options.model_validate({**_QUICK, **options}))


def page(text: str = "17 3栋电梯困人,请速到", address: str = "4001", lane: Lane = "emergency") -> Page:
    return Page("a" * 32, "qinghe", address, text, lane, "17", False, 60.0)


@asynccontextmanager
async def listening(ear: Ear, **options: Any) -> AsyncIterator[int]:
    """The port of a channel that listens."""
    [port] = free_ports(1)
    listener = channel(ear, listen_port=port, **options)
    task = asyncio.create_task(listener.listen())

    async def open_() -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True
        return False

    assert await until(open_, 5)
    try:
        yield port
    finally:
        task.cancel()
        await asyncio.wait([task])
        await listener.close()


@both
async def test_baresip_shows_a_page_and_says_that_it_got_it(transport: Transport) -> None:
    async with handset("4001", "sip:baoshi@127.0.0.1") as phone:
        sip = channel(Ear(), host="127.0.0.1", port=phone.port, transport=transport)
        assert await sip.send(page("17 3栋\r\n电梯\x00困人")) == Sent("delivered")
        trace = phone.trace()
    assert "17 3栋  电梯 困人" in trace
    assert f"{transport.upper()} 127.0.0.1:" in trace
    assert "Priority: emergency" in trace and "Expires: 60" in trace and "SIP/2.0 200 OK" in trace


async def test_a_handset_that_is_away_gets_the_page_when_it_is_back() -> None:
    async with handset("4001", "sip:baoshi@127.0.0.1") as phone:
        sip = channel(Ear(), host="127.0.0.1", port=phone.port)
        assert await sip.send(page("one")) == Sent("delivered")
        phone.process.kill()
        phone.process.wait()
        assert await sip.send(page("two")) == Retry(2.0, "no_connection")
    async with handset("4001", "sip:baoshi@127.0.0.1") as phone:
        assert await channel(Ear(), host="127.0.0.1", port=phone.port).send(page("two")) == Sent("delivered")
        assert "two" in phone.trace()


@both
async def test_baresips_answer_is_heard_and_only_then_acknowledged(transport: Transport) -> None:
    ear = Ear()
    async with (
        listening(ear) as port,
        handset("4001", f"sip:baoshi@127.0.0.1:{port}", transport) as phone,
    ):
        ear.hold.clear()
        assert await phone.command("message", "17 到达")

        async def came() -> bool:
            return ear.came == 1

        assert await until(came)
        assert "200 OK" not in phone.trace()
        ear.hold.set()

        async def acknowledged() -> bool:
            return "200 OK" in phone.trace()

        assert await until(acknowledged)
        assert await phone.command("message", "17 到达")

        async def again() -> bool:
            return len(ear.heard) == 2

        assert await until(again)
        assert f"{transport.upper()} 127.0.0.1:" in phone.trace()
    first, second = ear.heard
    assert isinstance(first, Answer) and isinstance(second, Answer)
    assert (first.estate, first.channel, first.address, first.words) == ("qinghe", "dect", "4001", "17 到达")
    assert first.said_id != second.said_id


@both
@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([RECEIVE, answer("200 OK")], Sent("delivered")),
        ([RECEIVE, answer("100 Trying"), '<pause milliseconds="700"/>', answer("200 OK")], Sent("delivered")),
        ([RECEIVE, answer("202 Accepted")], Sent("accepted")),
        ([RECEIVE, answer("486 Busy Here")], Refused("sip_486")),
        ([RECEIVE, answer("503 Service Unavailable", "Retry-After: 3")], Retry(3.0, "sip_503")),
    ],
)
async def test_sipps_answers_have_their_outcomes(transport: Transport, steps: list[str], outcome: Outcome) -> None:
    async with answering(steps, transport) as other:
        assert await channel(Ear(), host="127.0.0.1", port=other.port, transport=transport).send(page()) == outcome
        assert await other.succeeded()
        assert "17 3栋电梯困人,请速到" in other.messages()


_UNAUTHORIZED = answer(
    "401 Unauthorized", 'WWW-Authenticate: Digest realm="pbx", nonce="47ebe0", algorithm=MD5, qop="auth"'
)
_PROXY = answer("407 Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="pbx", nonce="47ebe0"')


@both
async def test_a_challenge_is_answered_with_the_secret_which_never_goes_out(transport: Transport) -> None:
    steps = [RECEIVE, _UNAUTHORIZED, receive_with_digest("desk", "tiger-77"), answer("200 OK")]
    async with answering(steps, transport) as other:
        options = {"host": "127.0.0.1", "port": other.port, "transport": transport, "username": "desk"}
        assert await channel(Ear(), "tiger-77", **options).send(page()) == Sent("delivered")
        assert await other.succeeded()
        assert "tiger-77" not in other.messages() and "CSeq: 2 MESSAGE" in other.messages()


async def test_a_proxys_challenge_is_answered_in_its_own_header() -> None:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    async with answering([RECEIVE, _PROXY, RECEIVE, answer("200 OK")]) as other:
        sip = channel(Ear(), "tiger-77", host="127.0.0.1", port=other.port, user="desk")
        assert await sip.send(page()) == Sent("delivered")
        assert await other.succeeded()
        wanted = md5(f"{md5('desk:pbx:tiger-77')}:47ebe0:{md5('MESSAGE:sip:4001@127.0.0.1')}")
        assert f'response="{wanted}"' in other.messages().partition("Proxy-Authorization: Digest ")[2]


async def test_without_the_right_secret_a_challenge_is_a_refusal() -> None:
    for secret, steps in ((None, [RECEIVE, _UNAUTHORIZED]), ("wrong", [RECEIVE, _UNAUTHORIZED] * 2)):
        async with answering(steps) as other:
            assert await channel(Ear(), secret, host="127.0.0.1", port=other.port).send(page()) == Refused(
                "sip_401"
            )
            assert await other.succeeded()


class Datagrams(asyncio.DatagramProtocol):
    """Somebody on UDP who answers as `answers` says, or not at all."""

    def __init__(self, answers: Callable[[int, bytes], list[bytes]] = lambda _n, _data: []) -> None:
        self.got: list[bytes] = []
        self._answers = answers

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, source: Any) -> None:
        self.got.append(data)
        for reply in self._answers(len(self.got), data):
            self._transport.sendto(reply, source)


@asynccontextmanager
async def somebody(protocol: Datagrams) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def answered(request: bytes, status: str, **changed: str) -> bytes:
    """A response to a request as it came, with headers changed."""
    message = read(request)
    same = {
        "Via": message.get("via"),
        "From": message.get("from"),
        "To": "<sip:a@b>;tag=1",
        "CSeq": message.get("cseq"),
    }
    return raw(f"SIP/2.0 {status}", **{**same, "Call-ID": message.get("call-id"), **changed})


async def test_silence_is_repeated_at_and_given_up() -> None:
    silent = Datagrams()
    async with somebody(silent) as port:
        assert await channel(Ear(), host="127.0.0.1", port=port, timeout_s=1.0).send(page()) == Retry(
            2.0, "no_answer"
        )
        count = len(silent.got)
        assert count > 2 and len(set(silent.got)) == 1
        await asyncio.sleep(0.6)
        assert len(silent.got) == count


async def test_a_lost_packet_is_made_good_by_its_repetition() -> None:
    deaf_at_first = Datagrams(lambda n, data: [answered(data, "200 OK")] if n == 3 else [])
    async with somebody(deaf_at_first) as port:
        assert await channel(Ear(), host="127.0.0.1", port=port).send(page()) == Sent("delivered")
    assert len(set(deaf_at_first.got)) == 1


async def test_nonsense_and_answers_to_others_are_passed_over() -> None:
    def answers(_n: int, data: bytes) -> list[bytes]:
        other = {"Via": "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKother"}
        return [
            b"\x00\xff", b"SIP/2.0 200 OK\r\n\r\n", data, answered(data, "200 OK", **other),
            answered(data, "200 OK", CSeq="1 OPTIONS"), answered(data, "180 Ringing"), answered(data, "486 Busy"),
        ]  # fmt: skip

    async with somebody(Datagrams(answers)) as port:
        assert await channel(Ear(), host="127.0.0.1", port=port).send(page()) == Refused("sip_486")


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 70_000])
async def test_a_tcp_side_that_ends_or_speaks_otherwise_is_no_connection(reply: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        sip = channel(Ear(), host="127.0.0.1", port=port, transport="tcp")
        assert await sip.send(page()) == Retry(2.0, "no_connection")
    assert await sip.send(page()) == Retry(2.0, "no_connection")


async def test_a_name_that_does_not_resolve_is_no_connection() -> None:
    for host in ("nobody.invalid", "a" * 70 + ".invalid"):
        assert await channel(Ear(), host=host, timeout_s=10.0).send(page()) == Retry(2.0, "no_connection")
    assert await channel(Ear()).send(page()) == Refused("bad_address")


async def test_a_cancelled_page_is_not_repeated() -> None:
    silent = Datagrams()
    async with somebody(silent) as port:
        sending = asyncio.create_task(channel(Ear(), host="127.0.0.1", port=port).send(page()))

        async def began() -> bool:
            return bool(silent.got)

        assert await until(began)
        sending.cancel()
        await asyncio.wait([sending])
        count = len(silent.got)
        await asyncio.sleep(0.6)
        assert sending.cancelled() and len(silent.got) == count


@both
async def test_sipp_repeats_an_answer_until_it_is_durable_and_it_is_heard_once(transport: Transport) -> None:
    ear = Ear()
    ear.hold.clear()
    async with listening(ear) as port, calling(port, "MESSAGE", "17 明白", 200, transport) as guard:

        async def came() -> bool:
            return ear.came == 1 and (transport == "tcp" or guard.messages().count("MESSAGE sip:") > 2)

        assert await until(came)
        assert ear.heard == []
        ear.hold.set()
        assert await guard.succeeded()
    [said] = ear.heard
    assert ear.came == 1
    assert isinstance(said, Answer) and (said.address, said.words) == ("4001", "17 明白")


async def test_an_answer_that_cannot_be_kept_is_not_acknowledged() -> None:
    ear = Ear()
    ear.deaf = True
    async with listening(ear) as port, calling(port, "MESSAGE", "17", 503) as guard:
        assert await guard.succeeded()
    ear = Ear()
    ear.hold.clear()
    async with listening(ear, hear_s=0.5) as port, calling(port, "MESSAGE", "17", 503) as guard:
        assert await guard.succeeded()
    assert ear.heard == []


async def test_options_are_a_sign_of_life_and_other_methods_are_not_allowed() -> None:
    ear = Ear()
    async with listening(ear) as port:
        async with calling(port, "OPTIONS", "", 200, headers=()) as guard:
            assert await guard.succeeded()
            assert "Allow: MESSAGE, OPTIONS" in guard.messages()
        for method in ("REGISTER", "SUBSCRIBE", "INFO"):
            async with calling(port, method, "", 405, headers=()) as guard:
                assert await guard.succeeded()
    assert ear.heard == [Sign("qinghe", "dect", "4001", True)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Content-Type: application/im-iscomposing+xml"], 415),
        (["Content-Type: text/plain", "Content-Encoding: gzip"], 415),
        (["Content-Type: text/plain", "Require: recipient-list-message"], 420),
    ],
)
async def test_what_is_not_plain_text_is_refused(headers: list[str], status: int) -> None:
    ear = Ear()
    async with listening(ear) as port, calling(port, "MESSAGE", "17", status, headers=headers) as guard:
        assert await guard.succeeded()
    assert ear.heard == []


async def test_only_networks_that_are_listened_to_are_heard() -> None:
    ear = Ear()
    async with listening(ear, listen_to=["192.0.2.0/24"]) as port, calling(port, "MESSAGE", "17", 403) as guard:
        assert await guard.succeeded()
    both_networks = ["192.0.2.0/24", "127.0.0.0/8"]
    async with listening(ear, listen_to=both_networks) as port, calling(port, "MESSAGE", "17", 200) as guard:
        assert await guard.succeeded()
    assert len(ear.heard) == 1


async def _exchange(port: int, *requests: bytes) -> list[Message]:
    """Sends datagrams one by one, and waits for an answer to each that is a message."""
    mine = Datagrams()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: mine, remote_addr=("127.0.0.1", port))
    try:
        for number, request in enumerate(requests, start=1):
            transport.sendto(b"\x00nonsense")
            transport.sendto(request)

            async def came(number: int = number) -> bool:
                return len(mine.got) >= number

            assert await until(came, 5)
    finally:
        transport.close()
    return [read(data) for data in mine.got]


async def test_a_copy_after_the_answer_is_answered_alike_and_not_heard_again() -> None:
    ear = Ear()
    async with listening(ear) as port:
        answers = await _exchange(port, raw(body=b"17"), raw(body=b"17"), raw(body=b"17"))
    assert [a.status for a in answers] == [200, 200, 200] and len(set(answers)) == 1
    assert ear.came == 1


async def test_after_a_restart_a_copy_has_the_same_id_and_another_answer_has_another() -> None:
    said: list[str] = []
    changed: list[dict[str, str]] = [{}, {}, {"CSeq": "8 MESSAGE"}, {"Call-ID": "c2"}]
    for number, more in enumerate(changed):
        ear = Ear()
        async with listening(ear) as port:
            via = f"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{number // 2};rport"
            await _exchange(port, raw(body=b"17", Via=via, **more))
        said += [answer.said_id for answer in ear.heard if isinstance(answer, Answer)]
    assert said[0] == said[1] and len(set(said)) == 3


async def test_two_phones_of_old_make_with_the_same_branch_are_two() -> None:
    ear = Ear()
    async with listening(ear) as port:
        old = "SIP/2.0/UDP 127.0.0.1;branch=1;rport"
        await _exchange(port, raw(body=b"17", Via=old), raw(body=b"17", Via=old, **{"Call-ID": "other"}))
    assert ear.came == 2


async def test_a_port_that_is_taken_is_waited_for() -> None:
    ear = Ear()
    taken = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    listener = channel(ear, listen_port=port, relisten_s=0.1)
    task = asyncio.create_task(listener.listen())
    await asyncio.sleep(0.3)
    taken.close()
    await taken.wait_closed()
    async with calling(port, "MESSAGE", "17", 200) as guard:
        assert await guard.succeeded()
    task.cancel()
    await asyncio.wait([task])
    assert ear.came == 1


async def test_words_come_in_the_charset_they_say() -> None:
    ear = Ear()
    kinds = ["text/plain;charset=gb18030", "text/plain; charset=no-such", "TEXT/PLAIN;charset=UTF-8"]
    kinds += ["text/plain;charset=rot13", "text/plain;charset=idna"]
    bodies = ["明白".encode("gb18030"), "明白".encode(), b"\xff17", b"17", b"18"]
    async with listening(ear) as port:
        for number, (kind, body) in enumerate(zip(kinds, bodies, strict=True)):
            via = f"SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{number};rport"
            await _exchange(port, raw(body=body, Via=via, **{"Content-Type": kind}))
    assert [said.words for said in ear.heard if isinstance(said, Answer)] == [
        "明白",
        "明白",
        "\ufffd17",
        "17",
        "18",
    ]


async def test_a_long_decision_is_told_so_that_copies_are_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.channels.sip_listening._TRYING_S", 0.2)
    ear = Ear()
    ear.hold.clear()
    async with listening(ear) as port:
        [trying] = await _exchange(port, raw(body=b"17"))
        assert trying.status == 100 and ear.heard == []


async def test_nonsense_over_tcp_ends_its_connection_and_no_other() -> None:
    ear = Ear()
    async with listening(ear) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        other, other_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == b""
        request = raw(body=b"17", Via="SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK9")
        other_writer.write(request[:40])
        other_writer.write(request[40:])
        assert (await other.readuntil(b"\r\n\r\n")).startswith(b"SIP/2.0 200 OK")
        writer.close()
        other_writer.close()
    assert ear.came == 1
