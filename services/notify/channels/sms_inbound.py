"""What Kannel calls us for: delivery reports by `dlr-url`, answers of phones by the `get-url` of an sms-service."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import phonenumbers
from starlette.datastructures import QueryParams

from services.notify.channels.channel import Answer, Receipt, Site

WANTED_REPORTS = 1 + 2 + 16
_REPORTS = {"1": "delivered", "2": "undeliverable", "16": "rejected"}
"""Of `%d`; 4 (queued) and 8 (the network has it) say no more than the 202 did."""
_REF = re.compile(r"[0-9a-f]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Nonsense(Exception):
    """Kannel's file does not have the addresses as they are given here."""


def path_of(site: Site) -> str:
    return f"/v1/channels/{site.estate}/{site.row.id}"


def receipt_url(site: Site, base: str, ref: str) -> str:
    """The `dlr-url` of one page."""
    return f"{base.rstrip('/')}{path_of(site)}/receipt?key={_key(site)}&ref={ref}&what=%d"


def answer_url(site: Site, base: str) -> str:
    """The `get-url` of the sms-service."""
    asked = "from=%p&text=%b&coding=%c&charset=%C&id=%I&time=%T"
    return f"{base.rstrip('/')}{path_of(site)}/answer?key={_key(site)}&{asked}"


def kannel_service(site: Site, base: str, smsc: str | None = None) -> str:
    """The group that Kannel's file needs so that what phones answer comes to us; holds a key, so not for logs."""
    lines = [
        "group = sms-service",
        "keyword = default",
        "catch-all = true",
        "omit-empty = true",
        "max-messages = 0",
    ]
    lines += [f"accepted-smsc = {smsc}"] if smsc else []
    return "\n".join([*lines, f'get-url = "{answer_url(site, base)}"', ""])


def is_kannel(site: Site, query: QueryParams) -> bool:
    """In constant time; without a secret nobody is."""
    return bool(site.secret) and hmac.compare_digest(query.get("key", "").encode(), _key(site).encode())


def receipt_in(query: QueryParams) -> Receipt | None:
    """None: it says nothing that was not known. Raises Nonsense."""
    ref, what = query.get("ref", ""), _REPORTS.get(query.get("what", ""))
    if not _REF.fullmatch(ref):
        raise Nonsense
    if what is None or what == "delivered":
        return Receipt(ref, what) if what else None
    return Receipt(ref, "refused", what)


def answer_in(site: Site, query: str, region: str) -> Answer:
    """`said_id` is Kannel's own of the message, the same however often it calls. Raises Nonsense."""
    # One character a byte: which charset the words are in stands beside them.
    asked = dict(parse_qsl(query, encoding="latin-1"))
    sender, said_id = asked.get("from", ""), asked.get("id", "")
    if not sender or not said_id:
        raise Nonsense
    words = _words(asked.get("text", "").encode("latin-1"), asked.get("coding", ""), asked.get("charset", ""))
    words = _CONTROL.sub(" ", words).strip()
    address = local_number(sender, region)
    return Answer(site.estate, site.row.id, address, said_id, words, said_at=_time(asked.get("time", "")))


def _words(said: bytes, coding: str, charset: str) -> str:
    """With `mo-recode` Kannel turns what came in UTF-16 into something else, without it it does not."""
    try:
        return said.decode("utf-16-be" if coding == "2" else charset)
    except (LookupError, ValueError):
        return said.decode("utf-8", "replace")


def local_number(sender: str, region: str) -> str:
    """`+8613800138000`, `008613800138000` and `8613800138000` as the estate's file has it: `13800138000`."""
    try:
        number = phonenumbers.parse(sender, region)
    except phonenumbers.NumberParseException:
        return sender
    if number.country_code == phonenumbers.country_code_for_region(region):
        return phonenumbers.national_significant_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _key(site: Site) -> str:
    """Made of the password, so that there is one secret to keep; the password cannot be had from it."""
    about = f"kannel calls {site.estate}/{site.row.id}"
    return hmac.new((site.secret or "").encode(), about.encode(), hashlib.sha256).hexdigest()[:40]


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
