"""Who may see a resident's name and phone number is decided by role (SOP S10); everybody else sees stars."""

import re
from collections.abc import Iterable
from typing import Any

from shared.contracts.vocabulary import Role

MAY_SEE: frozenset[Role] = frozenset({"customer_assistant", "service_head", "management_director"})
# A run of digits inside an id stands between letters and is no phone number.
_PHONES = re.compile(
    r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?"
    r"(?:1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{3,4}[- ]?\d{4}|\d{7,8})(?:[- ]\d{1,6})?(?![0-9A-Za-z])"
)
_NAMES = frozenset({"reporter", "person_visited"})
_LONGEST_KEPT = 1


def may_see(roles: Iterable[Role]) -> bool:
    return not MAY_SEE.isdisjoint(roles)


def masked(value: Any, field: str = "") -> Any:
    """The same document without names and phone numbers, wherever in it they stand, free text included."""
    if isinstance(value, dict):
        return {name: masked(inner, name) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(inner, field) for inner in value]
    if not isinstance(value, str):
        return value
    if field in _NAMES:
        return value[:_LONGEST_KEPT] + "**" if value else value
    if "phone" in field:
        return _stars(value)
    return _PHONES.sub(lambda found: _stars(found.group()), value)


def _stars(phone: str) -> str:
    """The last two digits are left, so that two callers can be told apart."""
    return "*" * max(0, len(phone) - 2) + phone[-2:] if len(phone) > 4 else "*" * len(phone)
