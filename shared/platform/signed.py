"""Small tokens that only this installation can have made: a JWT (RFC 7519, HS256) under its purpose's own key."""

import hmac
import math
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_ALGORITHM = "HS256"


class Signed:
    """A token of one purpose is worth nothing for another, since each purpose has a key drawn from the one key.

    `seconds` is the real time of day; a demo's fast clock does not count here.
    """

    def __init__(self, key: str, purpose: str, seconds: Callable[[], float] = time.time) -> None:
        self._secret = hmac.new(key.encode(), f"baoshi|{purpose}".encode(), sha256).digest()
        self._key, self.seconds = OctKey.import_key(self._secret), seconds

    def seal(self, claims: Mapping[str, Any], lasts_s: float | None = None) -> str:
        """Without an end where nothing is said of how long it lasts."""
        until = {} if lasts_s is None else {"exp": math.ceil(self.seconds() + lasts_s)}
        return jwt.encode({"alg": _ALGORITHM}, {**claims, **until}, self._key, algorithms=[_ALGORITHM])

    def open(self, token: str) -> dict[str, Any] | None:
        """None for anything that is forged, of another purpose, or over."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        return claims if claims.get("exp", math.inf) > self.seconds() else None

    def mark_of(self, text: str) -> str:
        """What can be made of the text only with the key."""
        return hmac.new(self._secret, f"mark|{text}".encode(), sha256).hexdigest()
