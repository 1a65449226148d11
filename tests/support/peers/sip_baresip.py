"""A real SIP user agent, baresip, as a handset on ports of its own: what it received, and sending a message."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.peers import environment, find, modules_of
from tests.support.installation import until
from tests.support.stack import free_ports

_CONFIG = """poll_method epoll
sip_listen 127.0.0.1:{port}
module_path {modules}
module_app account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Handset:
    """`user` is its number; it writes to one contact only."""

    def __init__(self, process: subprocess.Popen[bytes], trace: Path, port: int, control: int) -> None:
        self.process, self.port, self._trace, self._control = process, port, trace, control

    def trace(self) -> str:
        """Every SIP message it sent and got."""
        return self._trace.read_text(errors="replace")

    async def command(self, name: str, words: str = "") -> bool:
        """Whether it took a command of its menu."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._control)
        except OSError:
            return False
        order = json.dumps({"command": name, "params": words, "token": "t"}, ensure_ascii=False).encode()
        writer.write(b"%d:%s," % (len(order), order))
        async with asyncio.timeout(5):
            answer = await reader.readexactly(int((await reader.readuntil(b":"))[:-1]))
        writer.close()
        return bool(json.loads(answer)["ok"])


@asynccontextmanager
async def handset(user: str, writes_to: str, transport: str = "udp") -> AsyncIterator[Handset]:
    """Answers when this enters; `writes_to` is the URI of its only contact."""
    program, modules = find("baresip"), modules_of("baresip")
    home = Path(tempfile.mkdtemp(prefix="baresip-"))
    # The next port is taken too, for TLS.
    port, control = free_ports(2)
    (home / "config").write_text(_CONFIG.format(port=port, control=control, modules=modules))
    # Only an outbound proxy makes it write over TCP.
    way = f';outbound="{writes_to};transport=tcp"' if transport == "tcp" else ""
    (home / "accounts").write_text(f"<sip:{user}@127.0.0.1:{port}>;regint=0{way}\n")
    (home / "contacts").write_text(f'"Baoshi" <{writes_to}>\n')
    with (home / "trace").open("wb") as trace:
        process = subprocess.Popen(
            [program, "-f", str(home), "-s"],
            stdin=subprocess.DEVNULL,
            stdout=trace,
            stderr=trace,
            env={**os.environ, **environment()},
        )
    try:
        found = Handset(process, home / "trace", port, control)

        async def answers() -> bool:
            return await found.command("uafind", f"sip:{user}@127.0.0.1:{port}")

        assert await until(answers, 15), found.trace()
        assert await found.command("contact_next")
        yield found
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)
