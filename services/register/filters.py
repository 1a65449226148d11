"""Filters of the register's lists and figures, as MongoDB asks them."""

import re
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.register.cursors import Position
from services.register.problems import not_a_parameter
from shared.contracts.vocabulary import Category
from shared.domain.registering.masking import asks_for_digits
from shared.platform.mongo import Document

_NO_DIGITS_ZH = "您的岗位不能查看电话号码,检索词中请勿连写三位或以上数字"
_NO_DIGITS_EN = "Your role may not see phone numbers: leave out three or more digits in a row"
_FEWEST, _WHOLE, _WITH_ZERO = 4, 7, 10
"""Digits of a phone: fewer than four would let a masked number be found bit by bit; seven may have an extension."""


class Wanted(BaseModel):
    """Filters of a list; what is None is not asked. `person`: an id of the roster, or a reporter's whole name.

    `rings`: who rings again, by a phone's last digits, four at least, or by part of a name.
    """

    model_config = ConfigDict(frozen=True)

    estate: str | None = None
    category: Category | None = None
    state: str | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    rings: str | None = None
    overdue: bool | None = None
    unacknowledged: bool | None = None


def query_of(wanted: Wanted, estates: list[str], now: datetime, by_name: bool) -> Document:
    """All at once; `by_name`: whoever asks may see names."""
    query: Document = {"estate": {"$in": estates}}
    if wanted.category is not None:
        query["category"] = wanted.category
    if wanted.state is not None:
        query["state"] = wanted.state
    if bounds := _bounds(wanted):
        query["sorted_at"] = bounds
    if wanted.overdue is not None:
        query["due_at"] = {"$lte": now} if wanted.overdue else {"$not": {"$lte": now}}
    if wanted.unacknowledged is not None:
        query["unacknowledged"] = {"$gt": 0} if wanted.unacknowledged else 0
    return {"$and": [query, *_words(wanted, by_name)]}


def _bounds(wanted: Wanted) -> Document:
    bounds = {"$gte": wanted.since, "$lt": wanted.until}
    return {name: at for name, at in bounds.items() if at is not None}


def counted_in(wanted: Wanted) -> Document:
    """What was written up from paper happened before it was received."""
    if not (bounds := _bounds(wanted)):
        return {}
    on_paper = {"written_up": True, "happened_at": bounds}
    return {"$or": [{"written_up": {"$ne": True}, "sorted_at": bounds}, on_paper]}


def _words(wanted: Wanted, by_name: bool) -> list[Document]:
    """A name is a filter only for who may see names, and so are digits; else they could be guessed by asking."""
    found: list[Document] = []
    if wanted.text is not None:
        if not by_name and asks_for_digits(wanted.text):
            raise not_a_parameter("text", _NO_DIGITS_ZH, _NO_DIGITS_EN)
        pattern = {"$regex": re.escape(wanted.text), "$options": "i"}
        found.append({"$or": [{name: pattern} for name in ("text", "place", "patient_place")]})
    if wanted.person is not None:
        named = [{"reporter": wanted.person}] if by_name else []
        found.append({"$or": [{"people": wanted.person}, *named]})
    if wanted.rings is not None:
        found.append(_ringing(wanted.rings) if by_name else {"_id": {"$in": []}})
    return found


def _ringing(said: str) -> Document:
    """Phones are stored with the country's code, so a trunk call's zero is left out."""
    digits = "".join(character for character in said if character in "0123456789")
    if len(digits) < _FEWEST or re.search(r"[^\W\d]", said):
        return {"reporter": {"$regex": re.escape(said), "$options": "i"}}
    if len(digits) >= _WITH_ZERO:
        digits = digits.lstrip("0")
    ends = "" if len(digits) >= _WHOLE else "$"
    return {"$or": [{name: {"$regex": digits + ends}} for name in ("reporter_phone", "patient_phone")]}


def older(position: Position) -> Document:
    """What comes after it in a list, newest first."""
    at, report_id = position
    return {"$or": [{"sorted_at": {"$lt": at}}, {"sorted_at": at, "_id": {"$lt": report_id}}]}
