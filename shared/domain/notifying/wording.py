"""What a device shows: the words in a language and length it can carry, and never what strangers must not hear.

The rule of SOP S10 stands here and nowhere else: what goes over a channel that strangers can listen to holds no
name, no phone number and no illness. Words come from playbooks and hold none; this is the last look before they go
out.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from shared.contracts.event import Words
from shared.domain.drill_mark import as_drill
from shared.domain.estates.devices import Device
from shared.domain.estates.roster import Estate
from shared.domain.notifying.can import Can
from shared.domain.same import Same

SEE_SYSTEM = Words(zh="有新任务,见系统", en="NEW TASK. SEE DESK.")
_PHONE = re.compile(r"(?:\d[ -]?){7,}")
_ROOM = re.compile(r"(?<![\d-])\d{1,3}-\d{1,2}-\d{3,4}(?![\d-])")
"""Building, unit and room, which no telephone number is grouped as."""
_ILLNESS = re.compile(
    r"胸痛|昏迷|心梗|心脏病|中风|脑梗|癫痫|出血|骨折|烧伤|临产|流产|糖尿病|哮喘|精神病|艾滋|肝炎|新冠|肺炎|癌"
    r"|chest pain|unconscious|heart attack|stroke|seizure|bleeding|fracture|in labour|diabet|asthma|psychiat"
    r"|\bHIV\b|hepatitis|covid|pneumonia|cancer",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def text_for(words: Words, device: Device, can: Can, estate: Estate, code: str | None, drill: bool) -> str:
    """Whole or not at all: what does not fit, or may not be said here, becomes "see the system"; the code stays."""
    said = in_language(words, device, can)
    if not fits(said, can, code) or (can.open and not is_airworthy(said, estate)):
        said = in_language(as_drill(SEE_SYSTEM) if drill else SEE_SYSTEM, device, can)
    return coded(said, code)


def in_language(words: Words, device: Device, can: Can) -> str:
    """The English is ASCII and made for seven bits; the Chinese is never cut or spelled out."""
    english = can.charset == "ascii" or device.language == "en"
    return _CONTROL.sub(" ", words.en if english else words.zh).strip()


def coded(text: str, code: str | None) -> str:
    """The answer's code first: it is what the thumb looks for."""
    return f"{code} {text}" if code else text


def fits(text: str, can: Can, code: str | None = None) -> bool:
    most = can.ascii_length if can.ascii_length and text.isascii() else can.length
    return len(coded(text, code)) <= most and (can.charset == "any" or text.isascii())


def joined(several: Sequence[Words], device: Device, can: Can) -> str:
    """Several notices as one message; a drill's mark stands in each one's own words."""
    return " / ".join(in_language(words, device, can) for words in several)


def fits_joined(several: Sequence[Words], device: Device, can: Can, estate: Estate) -> bool:
    text = joined(several, device, can)
    return fits(text, can) and (not can.open or is_airworthy(text, estate))


def is_airworthy(text: str, estate: Estate) -> bool:
    """Nothing in it that an open channel must not carry (SOP S10)."""
    names = _names(Same(estate))
    return not (_PHONE.search(_ROOM.sub("", text)) or _ILLNESS.search(text) or any(name in text for name in names))


@lru_cache(maxsize=64)
def _names(key: Same[Estate]) -> tuple[str, ...]:
    return tuple(person.name for person in key.it.people if len(person.name) > 1)
