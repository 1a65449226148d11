"""A receiver of webhooks that believes nothing but what the official `standardwebhooks` package verifies."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deploy.local.peers import find
from tests.support.stack import free_ports

NAME = "hooks.example"
"""For which its certificate is, and 127.0.0.1."""


class Call(NamedTuple):
    """`said` is None where the signature is not good."""

    id: str
    said: dict[str, Any] | None
    body: bytes
    headers: Mapping[str, str]


class Receiver:
    """Gives `answers` one after the other, then 204; each a status, or a status and headers."""

    def __init__(self, secret: str, scheme: str) -> None:
        self.port, self.calls = free_ports(1)[0], list[Call]()
        self.answers: list[int | tuple[int, dict[str, str]]] = []
        self._secret, self._scheme = secret, scheme
        self._running: tuple[uvicorn.Server, asyncio.Task[None]] | None = None

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [call.id for call in self.calls]

    async def start(self, **tls: Any) -> None:
        app = Starlette(routes=[Route("/{rest:path}", self._take, methods=["POST", "GET"])])
        config = uvicorn.Config(app, port=self.port, log_config=None, access_log=False, lifespan="off", **tls)
        server = uvicorn.Server(config)
        self._running = server, asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if self._running:
            server, task = self._running
            server.should_exit = server.force_exit = True
            await task
            self._running = None

    async def _take(self, request: Request) -> Response:
        body, headers = await request.body(), dict(request.headers)
        try:
            said = Webhook(self._secret).verify(body, headers)
        except WebhookVerificationError:
            said = None
        self.calls.append(Call(headers.get("webhook-id", ""), said, body, headers))
        answer = self.answers.pop(0) if self.answers else 204
        status, more = answer if isinstance(answer, tuple) else (answer, {})
        return Response(status_code=status, headers=more) if status < 300 else PlainTextResponse("no", status, more)


class Tls(NamedTuple):
    """A certificate that vouches for itself, and its key."""

    certificate: str
    key: str


def certificate(folder: Path) -> Tls:
    tls = Tls(str(folder / "certificate.pem"), str(folder / "key.pem"))
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    files = ["-keyout", tls.key, "-out", tls.certificate]
    command = [find("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    return tls


@asynccontextmanager
async def receiver(secret: str) -> AsyncIterator[Receiver]:
    """By http, on a free port."""
    peer = Receiver(secret, "http")
    await peer.start()
    try:
        yield peer
    finally:
        await peer.stop()


@asynccontextmanager
async def tls_receiver(secret: str) -> AsyncIterator[tuple[Receiver, str]]:
    """By https; with the file of the certificate to trust."""
    with tempfile.TemporaryDirectory(prefix="webhooks-") as folder:
        tls, peer = certificate(Path(folder)), Receiver(secret, "https")
        await peer.start(ssl_certfile=tls.certificate, ssl_keyfile=tls.key)
        try:
            yield peer, tls.certificate
        finally:
            await peer.stop()
