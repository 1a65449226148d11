"""Passwords: what one may be, and their hashes by argon2id (RFC 9106), one at a time and outside the event loop."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from shared.contracts.event import Words
from shared.platform.errors import Rejected
from shared.platform.settings import Settings

T = TypeVar("T")

MOST_CHARACTERS = 200
_MOST_WAITING = 50
_BUSY = Words(zh="现在登录的人太多,请稍后再试", en="Too many are signing in now: try again soon")
_OWN_LOGIN = Words(zh="密码不能是登录名,请另选", en="The password must not be the login name: choose another")


class Checked(NamedTuple):
    """`fresh`: a new hash, where the stored one was made by other parameters."""

    right: bool
    fresh: str | None = None


class Passwords:
    """One a process: a crowd of guesses takes one core and one hash's memory, whatever it sends."""

    def __init__(self, settings: Settings) -> None:
        self._least = settings.password_least
        self._hasher = PasswordHasher(settings.argon2_passes, settings.argon2_memory_kib, parallelism=1)
        self._one, self._waiting = asyncio.Lock(), 0
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def refuse_weak(self, password: str, login: str) -> None:
        """Raises `Rejected` with the way out."""
        length = len(plain(password))
        if not self._least <= length <= MOST_CHARACTERS or not _encodes(password):
            zh = f"密码须为 {self._least} 至 {MOST_CHARACTERS} 个字符"
            en = f"A password has {self._least} to {MOST_CHARACTERS} characters"
            raise Rejected(422, "weak-password", Words(zh=zh, en=en), "password")
        if plain(password).casefold().strip() == login.casefold():
            raise Rejected(422, "weak-password", _OWN_LOGIN, "password")

    async def hash(self, password: str) -> str:
        return await self._in_turn(lambda: self._hasher.hash(plain(password)))

    async def check(self, password: str, stored: str | None) -> Checked:
        """The same work without a stored hash, so that the time tells nobody whether there is an account."""
        return await self._in_turn(lambda: self._check(plain(password), stored))

    async def _in_turn(self, work: Callable[[], T]) -> T:
        """Raises `Rejected` 503 where too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise Rejected(503, "busy", _BUSY)
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    def _check(self, password: str, stored: str | None) -> Checked:
        if len(password) > MOST_CHARACTERS or not _encodes(password):
            password, stored = "", None
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (Argon2Error, InvalidHashError):
            return Checked(False)
        if stored is None:
            return Checked(False)
        return Checked(True, self._hasher.hash(password) if self._hasher.check_needs_rehash(stored) else None)


def plain(password: str) -> str:
    """The same characters however a keyboard composes them (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def _encodes(password: str) -> bool:
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True
