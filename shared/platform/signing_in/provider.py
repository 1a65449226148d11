"""An OpenID Connect provider: where it stands and its keys (OpenID Connect Discovery 1.0, RFC 7517)."""

import math
import time
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2 as httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.contracts.event import Words
from shared.platform.errors import Rejected
from shared.platform.logs import log
from shared.platform.settings import Settings

_DISCOVERY = "/.well-known/openid-configuration"
_KNOWN_S, _KEYS_PAUSE_S = 3600.0, 10.0
_AWAY = Words(
    zh="统一登录服务没有应答,请稍后再试,或用密码登录",
    en="The sign-in provider does not answer: try again soon, or sign in with your password",
)


def provider_away() -> Rejected:
    return Rejected(502, "provider-away", _AWAY)


class Provider:
    """Asked with a time limit; what it says of itself is believed for an hour. Errors raise `Rejected` 502."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._about: dict[str, Any] = {}
        self._about_at, self._keys_at = -math.inf, -math.inf
        self._keys: KeySet | None = None

    async def endpoint(self, name: str) -> str:
        """Its address for this; by https, unless the issuer itself is not."""
        about = await self._described()
        address = about.get(name)
        if not isinstance(address, str) or urlsplit(address).scheme not in self._schemes():
            log.error("provider's description unusable", field=name)
            raise provider_away()
        return address

    async def keys(self, again: bool = False) -> KeySet:
        """`again`: its keys may have changed since; not asked more often than every 10 s."""
        age = time.monotonic() - self._keys_at
        if self._keys is None or age > _KNOWN_S or (again and age > _KEYS_PAUSE_S):
            found = await self._get(await self.endpoint("jwks_uri"))
            try:
                self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as error:
                log.error("provider's keys unusable", error=type(error).__name__)
                raise provider_away() from error
            self._keys_at = time.monotonic()
        return self._keys

    async def exchange(self, code: str, verifier: str, redirect: str) -> str:
        """The code's ID token (RFC 6749 4.1.3, RFC 7636). Raises `Rejected` 401 where the provider refuses it."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        asked |= {"code_verifier": verifier, "client_id": self._settings.oidc_client_id}
        secret, about = self._secret(), await self._described()
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth: httpx.BasicAuth | None = None
        if secret and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(quote(self._settings.oidc_client_id, safe=""), quote(secret, safe=""))
        elif secret:
            asked["client_secret"] = secret
        try:
            async with httpx.AsyncClient(timeout=self._settings.oidc_timeout_s, auth=auth) as client:
                address = await self.endpoint("token_endpoint")
                answer = await client.post(address, data=asked)
            if answer.status_code >= 500:
                raise provider_away()
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("provider away", error=type(error).__name__)
            raise provider_away() from error
        token = said.get("id_token") if answer.status_code == 200 and isinstance(said, dict) else None
        if not isinstance(token, str):
            log.warning("provider refused a code", status=answer.status_code)
            raise refused()
        return token

    async def _described(self) -> dict[str, Any]:
        if time.monotonic() - self._about_at > _KNOWN_S:
            issuer = self._settings.oidc_issuer
            about = await self._get(issuer.rstrip("/") + _DISCOVERY)
            if about.get("issuer") != issuer:
                log.error("provider names another issuer: look at oidc_issuer")
                raise provider_away()
            self._about, self._about_at = about, time.monotonic()
        return self._about

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=self._settings.oidc_timeout_s) as client:
                answer = await client.get(address)
            answer.raise_for_status()
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("provider away", error=type(error).__name__)
            raise provider_away() from error
        if not isinstance(said, dict):
            raise provider_away()
        return said

    def _schemes(self) -> tuple[str, ...]:
        return ("https",) if self._settings.oidc_issuer.startswith("https:") else ("https", "http")

    def _secret(self) -> str:
        if self._settings.oidc_client_secret is not None:
            return self._settings.oidc_client_secret.get_secret_value()
        path = self._settings.oidc_client_secret_file
        try:
            return path.read_text().strip() if path else ""
        except OSError as error:
            log.error("oidc_client_secret_file not read", error=type(error).__name__)
            raise provider_away() from error


def refused() -> Rejected:
    words = Words(zh="统一登录没有成功,请重新登录", en="Signing in at the provider did not succeed: try again")
    return Rejected(401, "provider-refused", words)
