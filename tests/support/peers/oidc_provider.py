"""A small OpenID Connect provider over real HTTP with real RS256 keys, which can be told to misbehave."""

import asyncio
import base64
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.stack import free_ports

CLIENT, SECRET = "baoshi", "a secret: with 100% / signs"


class Provider:
    """Whoever comes is `subject`. `claims` change its tokens; `forge` signs them: `other`, `none`, `hs256`."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self.subject, self.claims, self.forge = "subject-1", dict[str, Any](), ""
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.redirects: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._running: tuple[uvicorn.Server, asyncio.Task[None]] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rotate(self) -> None:
        """From now on it signs with another key."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})

    async def start(self) -> None:
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )
        config = uvicorn.Config(app, port=self.port, log_config=None, access_log=False, lifespan="off")
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

    async def _about(self, _: Request) -> Response:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.issuer, **{k: f"{self.issuer}/{p}" for k, p in paths.items()}})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT and "openid" in asked["scope"]
        assert asked["code_challenge_method"] == "S256"
        self.redirects.append(asked["redirect_uri"])
        code = secrets.token_urlsafe(12)
        self._codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 303)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self._codes.pop(form.get("code", ""), None)
        scheme, _, packed = request.headers.get("authorization", "").partition(" ")
        client, _, secret = base64.b64decode(packed).decode().partition(":")
        challenge = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        right = scheme == "Basic" and (unquote(client), unquote(secret)) == (CLIENT, SECRET)
        if not right or asked is None or challenge.decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], **self.claims}
        if self.forge in ("none", "hs256"):
            return _by_hand(self.forge, self.key, claims)
        key = RSAKey.generate_key(2048) if self.forge == "other" else self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key, algorithms=["RS256"])


def _by_hand(forge: str, key: RSAKey, claims: dict[str, Any]) -> str:
    """Unsigned, or signed with what everybody knows: the public key as a secret."""
    head = {"alg": "none"} if forge == "none" else {"alg": "HS256", "kid": key.kid}
    whole = ".".join(_packed(json.dumps(part).encode()) for part in (head, claims))
    mark = b"" if forge == "none" else hmac.digest(key.as_pem(private=False), whole.encode(), "sha256")
    return f"{whole}.{_packed(mark)}"


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@asynccontextmanager
async def oidc_provider() -> AsyncIterator[Provider]:
    """On a free port."""
    peer = Provider()
    await peer.start()
    try:
        yield peer
    finally:
        await peer.stop()
