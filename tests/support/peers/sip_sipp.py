"""SIPp as the other side of SIP: answers by a list, or a caller that repeats itself until it is answered."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.peers import environment, find
from tests.support.stack import free_ports

_SCENARIO = '<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="{name}">\n{steps}\n</scenario>\n'
_ANSWER = """<send><![CDATA[

SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPp[call_number]
[last_Call-ID:]
[last_CSeq:]
{more}Content-Length: 0

]]></send>"""
_MESSAGE = """<send retrans="300"><![CDATA[

{method} sip:baoshi@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: {who};tag=[pid]SIPp[call_number]
To: <sip:baoshi@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 {method}
{more}Content-Length: [len]

{body}]]></send>
<recv response="100" optional="true"/>
<recv response="{status}"/>"""
RECEIVE = '<recv request="MESSAGE"/>'


def answer(status: str, *headers: str) -> str:
    """A step: answers the request before it."""
    return _ANSWER.format(status=status, more="".join(f"{header}\n" for header in headers))


def receive_with_digest(username: str, password: str) -> str:
    """A step: takes a request whose credentials are right, and fails with any other."""
    verify = f'<verifyauth assign_to="right" username="{username}" password="{password}"/>'
    return "\n".join(
        [
            f'<recv request="MESSAGE"><action>{verify}</action></recv>',
            '<nop hide="true" test="right" next="1"/>',
            answer("403 Forbidden"),
            '<nop><action><error message="wrong credentials"/></action></nop>',
            '<label id="1"/>',
        ]
    )


class Sipp:
    """`port`: where it listens."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, home: Path) -> None:
        self.process, self.port, self._home = process, port, home

    def messages(self) -> str:
        """Every SIP message it sent and got."""
        file = self._home / "messages"
        return file.read_text(errors="replace") if file.exists() else ""

    async def succeeded(self) -> bool:
        """Whether it went through its scenario as often as it was to."""
        return await asyncio.wait_for(self.process.wait(), 60) == 0


@asynccontextmanager
async def answering(steps: Sequence[str], transport: str = "udp", calls: int = 1) -> AsyncIterator[Sipp]:
    """A server that goes through these steps for each call; listens when this enters."""
    async with _started(steps, transport, calls, ()) as found:
        await _listens(found, transport)
        yield found


@asynccontextmanager
async def calling(
    port: int, method: str, body: str, status: int, transport: str = "udp",
    who: str = "<sip:4001@[local_ip]:[local_port]>", headers: Sequence[str] = ("Content-Type: text/plain",),
) -> AsyncIterator[Sipp]:  # fmt: skip
    """Sends one request to our port, again and again until an answer, which has to be `status`."""
    more = "".join(f"{header}\n" for header in headers)
    step = _MESSAGE.format(method=method, who=who, body=body, status=status, more=more)
    async with _started([step], transport, 1, (f"127.0.0.1:{port}",)) as found:
        yield found


@asynccontextmanager
async def _started(steps: Sequence[str], transport: str, calls: int, to: Sequence[str]) -> AsyncIterator[Sipp]:
    with tempfile.TemporaryDirectory(prefix="sipp-") as home:
        scenario = Path(home, "scenario.xml")
        scenario.write_text(_SCENARIO.format(name="baoshi", steps="\n".join(steps)))
        [port] = free_ports(1)
        kind = {"udp": "u1", "tcp": "t1"}[transport]
        process = await asyncio.create_subprocess_exec(
            find("sipp"), "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-t", kind, "-m", str(calls),
            "-nostdin", "-timeout", "60", "-trace_msg", "-message_file", str(Path(home, "messages")),
            "-trace_err", "-error_file", str(Path(home, "errors")), *to,
            cwd=home, env={**os.environ, **environment()},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield Sipp(process, port, Path(home))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _listens(found: Sipp, transport: str) -> None:
    """A connection of an earlier test that still waits for its end carries the same port, so the state counts."""
    here, state = f":{found.port:04X}", {"tcp": "0A", "udp": "07"}[transport]
    for _ in range(200):
        rows = (row.split() for row in Path(f"/proc/net/{transport}").read_text().splitlines())
        if any(row[1].endswith(here) and row[3] == state for row in rows):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("sipp does not listen")
