"""Who may see a resident's name and phone number is decided by role (SOP S10); everybody else sees stars."""

import re
from collections.abc import Iterable
from typing import Any

from shared.contracts.vocabulary import Role

MAY_SEE: frozenset[Role] = frozenset({"customer_assistant", "service_head", "management_director"})
_BETWEEN = r"[ \t\u00a0\u3000.()()·‐‑–—-]"
_ALONE = rf"(?<!\d)(?<!\d{_BETWEEN})"
_DAY = r"20\d\d(?P<dash>[-./])(?:0?[1-9]|1[0-2])(?P=dash)(?:[12]\d|3[01]|0?[1-9])(?!\d)"
_KEPT = (
    r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9A-Za-z])",  # the id of an event or a report
    rf"(?<!\d){_DAY}(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?",  # a day or an instant
    r"(?<!\d)20\d\d-\d{6}(?!\d)",  # the register's number
    rf"{_ALONE}\d{{1,3}}-\d{{1,2}}-\d{{3,4}}(?!{_BETWEEN}?\d)",  # building, unit and room
    rf"{_ALONE}\d{{3,4}}[- ]\d{{3,4}}(?=[室房户])",  # rooms
)
_FOUND = re.compile(rf"(?P<kept>{'|'.join(_KEPT)})|[++((]?\d(?:{_BETWEEN}{{0,3}}\d)*")
_SHORTEST = 7
"""A landline without its area code. Longer than any phone is masked too: two numbers, or an identity card's."""
_SEARCHED = 3
_NAMES = frozenset({"reporter", "person_visited"})
_NAMES_RECORDED = frozenset({"relative_present", "relative_stays", "key_holder", "received_by"})
CLOSED = frozenset(
    {
        *("anyone_unwell", "complained_of", "condition", "contact_phone", "helped_from_list", "patient_phone"),
        *("persons_well", "police_officer", "witnesses"),
    }
)
"""Fields that a playbook records as closed: illness, and who is complained of. A test compares the playbooks."""
_HIDDEN = "**"
_LONGEST_KEPT = 1


def may_see(roles: Iterable[Role]) -> bool:
    return not MAY_SEE.isdisjoint(roles)


def asks_for_digits(text: str) -> bool:
    """Three in a row are enough to find a hidden number bit by bit, by asking which reports hold them."""
    return re.search(rf"\d(?:{_BETWEEN}*\d){{{_SEARCHED - 1}}}", text) is not None


def masked(value: Any, field: str = "", *, recorded: bool = False) -> Any:
    """The same document without names and phone numbers, wherever in it they stand, free text included.

    `recorded`: inside what people wrote down for a task, where a number may be a phone too.
    """
    if isinstance(value, dict):
        said = recorded or field == "record"
        return {name: _within(inner, name, said) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(inner, field, recorded=recorded) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and (recorded or "phone" in field):
        shown = masked(str(value), field)
        return value if shown == str(value) else shown
    return _text(value, field) if isinstance(value, str) else value


def _within(value: Any, field: str, recorded: bool) -> Any:
    if recorded and field in CLOSED and "phone" not in field:
        return value if value is None else _HIDDEN
    if recorded and field in _NAMES_RECORDED and isinstance(value, str):
        return _initial(value)
    return masked(value, field, recorded=recorded)


def _text(value: str, field: str) -> str:
    if field in _NAMES:
        return _initial(value)
    if "phone" in field:
        return _stars(value)
    return _FOUND.sub(_hidden, value)


def _hidden(found: re.Match[str]) -> str:
    written = found.group()
    digits = sum(character.isdigit() for character in written)
    return written if found["kept"] or digits < _SHORTEST else _stars(written)


def _initial(name: str) -> str:
    return name[:_LONGEST_KEPT] + _HIDDEN if name else name


def _stars(phone: str) -> str:
    """The last two digits are left, so that two callers can be told apart."""
    return "*" * max(0, len(phone) - 2) + phone[-2:] if len(phone) > 4 else "*" * len(phone)
