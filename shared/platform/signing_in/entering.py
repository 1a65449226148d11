"""Who may come in by a password: tries are counted first, and no answer tells whether there is an account."""

import secrets
from hashlib import sha256
from typing import NamedTuple

from shared.contracts.event import Words
from shared.platform.account import Account, as_login, is_login
from shared.platform.accounts import Accounts
from shared.platform.errors import Rejected
from shared.platform.settings import Settings
from shared.platform.signed import Signed
from shared.platform.tries import Tries

DEVICE_DAYS = 180
_WRONG = Words(zh="登录名或密码不对", en="The login name or the password is wrong")


class MustWait(Rejected):
    """Too many failed tries; `seconds` until the next one is looked at."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        zh = f"失败次数太多,请在 {self.seconds} 秒后再试;已登录的人不受影响"
        en = f"Too many failed tries: again in {self.seconds} s. Whoever is signed in goes on"
        super().__init__(429, "must-wait", Words(zh=zh, en=en))


class From(NamedTuple):
    """Whence a try comes: the address, and the mark of a browser that signed in before."""

    source: str
    device: str


class Entering:
    """Tries from a browser in which the same person signed in before are counted apart.

    So whoever guesses at the desk's password from elsewhere does not keep the desk itself from signing in.
    """

    def __init__(self, settings: Settings, key: str, accounts: Accounts, tries: Tries) -> None:
        self._settings, self._accounts, self._tries = settings, accounts, tries
        self._devices, self._prepared = Signed(key, "device"), False

    async def by_password(self, typed: str, password: str, whence: From) -> Account:
        """Raises `MustWait`, and `Rejected` 401 for anything that is wrong."""
        await self._prepare()
        login = as_login(typed)
        device = self._device(login, whence.device)
        counted = f"device.{device}" if device else f"account.{_short(login)}"
        source = f"source.{whence.source}"
        if not device:
            await self._begin(source, self._settings.sign_in_source_tries)
        await self._begin(counted, self._settings.sign_in_tries)
        account = await self._accounts.check(login, password)
        if account is None:
            raise Rejected(401, "wrong", _WRONG)
        await self._tries.forget(counted)
        if not device:
            await self._tries.take_back(source)
        return account

    def device_of(self, login: str, held: str) -> str:
        """The mark that the browser keeps after signing in: the one it has, or a new one."""
        device = self._device(login, held) or secrets.token_urlsafe(12)
        return self._devices.seal({"login": login, "id": device}, DEVICE_DAYS * 86_400)

    def _device(self, login: str, held: str) -> str | None:
        claims = self._devices.open(held) if held else None
        return claims["id"] if claims and claims["login"] == login and is_login(login) else None

    async def _begin(self, what: str, free: int) -> None:
        if wait := await self._tries.begin(what, free):
            raise MustWait(wait)

    async def _prepare(self) -> None:
        if not self._prepared:
            await self._accounts.prepare()
            await self._tries.prepare()
            self._prepared = True


def _short(login: str) -> str:
    """What people type may be anything, a password too."""
    return sha256(login.encode("utf-8", "surrogatepass")).hexdigest()[:32]
