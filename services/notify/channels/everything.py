"""Everything else by Apprise: WeCom, DingTalk, Feishu, mail and its hundred others, one adapter.

The row's secret is Apprise's URL, tokens included. Where it has `{address}`, the device's address stands there.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Container
from threading import Thread
from typing import Any
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyBase, NotifyFormat, NotifyType
from apprise.manager_plugins import NotificationManager
from apprise.plugins import url_to_dict
from pydantic import Field

from services.notify.channels import channel
from services.notify.channels.channel import Channel, Outcome, Page, Refused, Sent, Site
from shared.domain.notifying.can import Can
from shared.platform.logs import log

_ADDRESS = "{address}"
_NOBODY = "{schema}://"
_UNHEARD = frozenset({"aprs", "rsyslog"})
"""Over the air for all to hear (SOP S10), and by datagrams that nobody can refuse."""
_FILES = frozenset({"keyfile", "subfile", "pgp", "pgpkey", "pgppub", "pgpprv"})
_MAIL = frozenset({"mailto", "mailtos"})
_URGENT_MAIL = "+X-Priority=1&+Importance=high"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Options(channel.Options):
    """Everything that is of one service stands in its URL."""

    length: int = Field(400, ge=70, le=4000, description="characters of one text")
    answer_s: float = Field(20.0, gt=0, le=60, description="patience for the service")
    at_once: int = Field(64, ge=1, le=500, description="pages under way at once, those given up included")


class Everything(Channel[Options]):
    """Apprise's yes is `accepted`; it writes nothing to the disk and logs nothing, since it logs URLs."""

    takes = Options

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(site, options)
        self._free = asyncio.Semaphore(options.at_once)
        logging.getLogger("apprise").disabled = True
        # Its hundreds of modules take seconds, which the first page of an emergency does not have.
        Thread(target=NotificationManager().load_modules, name="apprise-loading", daemon=True).start()

    @staticmethod
    def can(options: Options) -> Can:
        return Can("accepted", options.length, "any", two_way=False, open=False)

    async def send(self, page: Page) -> Outcome:
        """What is given up may still arrive: nobody can stop Apprise in the middle."""
        if not self.site.secret:
            return Refused("no_secret")
        try:
            async with asyncio.timeout(self.options.answer_s):
                await self._free.acquire()
                return await self._in_a_thread(url_for(self.site.secret, page), page)
        except TimeoutError:
            return Refused("no_answer")

    async def _in_a_thread(self, url: str, page: Page) -> Outcome:
        """Of its own, and a daemon: one that hangs keeps neither another page nor the process's end waiting."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Outcome] = loop.create_future()

        def ended(outcome: Outcome) -> None:
            self._free.release()
            if not waiting.done():
                waiting.set_result(outcome)

        def work() -> None:
            outcome = notified(url, page)
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(ended, outcome)

        Thread(target=work, name="apprise", daemon=True).start()
        return await waiting


def url_for(secret: str, page: Page) -> str:
    """The address goes in percent-encoded, so that it is one part of the URL whatever it holds."""
    url = secret.replace(_ADDRESS, quote(page.address, safe=""))
    if page.lane != "emergency" or url.partition("://")[0].lower() not in _MAIL:
        return url
    return f"{url}{'&' if '?' in url else '?'}{_URGENT_MAIL}"


def notified(url: str, page: Page) -> Outcome:
    """Blocks as long as the service does."""
    try:
        service = service_of(url)
        if isinstance(service, Refused):
            return service
        if not _fits(service, page):
            return Refused("too_long")
        sender = Apprise(service, asset=service.asset)
        kind = NotifyType.WARNING if page.lane == "emergency" else NotifyType.INFO
        taken = sender.notify(_CONTROL.sub(" ", page.text), title_of(page), kind, body_format=NotifyFormat.TEXT)
        return Sent() if taken else Refused("not_taken")
    except Exception as error:
        # A hundred services by as many authors: whatever one does, the next device is rung.
        log.error("apprise failed", error=type(error).__name__)
        return Refused("failure")


def service_of(url: str) -> NotifyBase | Refused:
    """Made anew for each page, since a service that is kept paces itself; `optional` would call a failure taken."""
    asked = url_to_dict(url, secure_logging=True)
    if not asked or asked.get("schema") not in (services := NotificationManager()):
        return Refused("unknown_service")
    if asked["schema"] in _UNHEARD or not is_allowed(services[asked["schema"]], asked.get("qsd") or {}):
        return Refused("not_allowed")
    service = Apprise.instantiate(asked, asset=_asset())
    if service is None:
        return Refused("unknown_service")
    if any(isinstance(part, AppriseAttachment) and len(part) for part in vars(service).values()):
        return Refused("not_allowed")
    service.optional = False
    return service


def is_allowed(service: type[NotifyBase], asked: Container[str]) -> bool:
    """Apprise's own services that bring a page to somebody elsewhere, and read no file of this machine.

    One whose URL need name nobody (`syslog://`, `dbus://`, `macosx://`) speaks to the machine it runs on, by a
    program of it or its log: no guard sees that, and a page would count as taken.
    """
    return service.category == "native" and _NOBODY not in service.templates and not any(f in asked for f in _FILES)


def title_of(page: Page) -> str:
    urgent = ["急 URGENT"] if page.lane == "emergency" else []
    return " · ".join(["报事 Baoshi", *(["演习 DRILL"] if page.drill else []), *urgent])


def _asset() -> AppriseAsset:
    """Nothing on the disk, no key of its own making, no redirect, no picture from elsewhere, no thread but ours."""
    more: dict[str, Any] = {
        "async_mode": False,
        "http_redirects": False,
        "pgp_autogen": False,
        "pem_autogen": False,
        "image_url_mask": "",
        "image_url_logo": "",
    }
    return AppriseAsset(
        storage_mode="memory",
        image_path_mask=False,
        secure_logging=True,
        service_timeout=0,
        allow_templates=False,
        app_id="Baoshi",
        **more,
    )


def _fits(service: NotifyBase, page: Page) -> bool:
    """Longer ones a service may cut; where it knows no title that stands in the text."""
    title = 0 if service.title_maxlen > 0 else len(title_of(page)) + 2
    return service.body_maxlen <= 0 or len(page.text) + title <= service.body_maxlen
