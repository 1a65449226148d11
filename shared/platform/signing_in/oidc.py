"""Signing in at an operator's own provider (OpenID Connect Core 1.0, authorization code with PKCE)."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.contracts.event import Words
from shared.platform.account import Account, as_login
from shared.platform.accounts import Accounts
from shared.platform.errors import Rejected
from shared.platform.logs import log
from shared.platform.settings import Settings
from shared.platform.signed import Signed
from shared.platform.signing_in.provider import Provider, refused

STATE_COOKIE = "baoshi_oidc"
STATE_S = 600
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""With a public key only: one that we could make ourselves proves nothing of the provider."""
_STALE = Words(
    zh="登录已超时,或是在另一个浏览器开始的,请重新登录",
    en="That sign-in took too long or began in another browser: begin again",
)
_NO_ACCOUNT = Words(
    zh="统一登录成功,但这里没有对应的账号,请联系管理员(baoshi users link)",
    en="The provider knows you, but there is no account for you here: ask the administrator (baoshi users link)",
)


class Begun(NamedTuple):
    """Where the browser goes, and what it keeps until it comes back."""

    address: str
    kept: str


class Oidc:
    """`key` signs what a browser keeps meanwhile; nobody has to remember it here."""

    def __init__(self, settings: Settings, key: str, accounts: Accounts) -> None:
        self._settings, self._accounts = settings, accounts
        self._signed, self._provider = Signed(key, "oidc"), Provider(settings)

    async def begin(self, next_page: str, redirect: str) -> Begun:
        """Raises `Rejected` 502 while the provider is away."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": redirect,
            "scope": self._settings.oidc_scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = await self._provider.endpoint("authorization_endpoint")
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "next": next_page, "redirect": redirect}
        joint = "&" if "?" in address else "?"
        return Begun(f"{address}{joint}{urlencode(asked)}", self._signed.seal(kept, STATE_S))

    async def finish(self, query: Mapping[str, str], kept: str) -> tuple[Account, str]:
        """Whose account it is, and the page to go to. Raises `Rejected` for anything that does not fit."""
        begun = self._signed.open(kept) if kept else None
        if begun is None or not same(begun["state"], query.get("state", "")):
            raise Rejected(400, "stale-sign-in", _STALE)
        if query.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise refused()
        code = query.get("code", "")
        if not code:
            log.info("provider sent no code")
            raise refused()
        token = await self._provider.exchange(code, begun["verifier"], begun["redirect"])
        claims = await self._claims(token)
        if why := self._misfit(claims, begun["nonce"]):
            log.warning("provider's token refused", why=why)
            raise refused()
        return await self._account(claims), begun["next"]

    async def _claims(self, token: str) -> dict[str, Any]:
        """Its keys are asked for again before a signature counts as wrong: providers change them."""
        for again in (False, True):
            claims = verified(token, await self._provider.keys(again))
            if claims is not None:
                return claims
        log.warning("provider's token refused", why="signature")
        raise refused()

    def _misfit(self, claims: Mapping[str, Any], nonce: str) -> str | None:
        """OpenID Connect Core 3.1.3.7."""
        now, skew = self._signed.seconds(), self._settings.oidc_skew_s
        audience, mine = claims.get("aud"), self._settings.oidc_client_id
        meant = audience if isinstance(audience, list) else [audience]
        found = {
            "iss": claims.get("iss") == self._settings.oidc_issuer,
            "aud": mine in meant,
            "azp": claims.get("azp", mine if len(meant) == 1 else None) == mine,
            "exp": _number(claims, "exp", 0) > now - skew,
            "iat": _number(claims, "iat", now + skew + 1) <= now + skew,
            "nbf": _number(claims, "nbf", 0) <= now + skew,
            "nonce": same(str(claims.get("nonce", "")), nonce),
            "sub": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
        }
        return next((name for name, fits in found.items() if not fits), None)

    async def _account(self, claims: Mapping[str, Any]) -> Account:
        """By its subject; by its login only where the operator says which claim names it, and nobody is linked."""
        account = await self._accounts.by_subject(claims["sub"])
        if account is None and (claim := self._settings.oidc_login_claim):
            named = await self._accounts.find(as_login(str(claims.get(claim, ""))))
            account = named if named and named.oidc is None else None
        if account is None or account.disabled:
            raise Rejected(403, "no-account", _NO_ACCOUNT)
        return account


def verified(token: str, keys: KeySet) -> dict[str, Any] | None:
    """The claims where one of the keys signed them; None for anything else."""
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None
    for key in (key for key in keys.keys if kid is None or key.kid == kid):
        try:
            return dict(jwt.decode(token, key, algorithms=_ALGORITHMS).claims)
        except (JoseError, ValueError):
            continue
    return None


def same(one: str, other: str) -> bool:
    """In a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _number(claims: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = claims.get(name, otherwise)
    return float(value) if isinstance(value, int | float) else otherwise if name != "nbf" else float("inf")
