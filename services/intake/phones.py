"""Phone numbers as people say them: mobile, landline with or without area code, extension, house number."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_HOUSE = re.compile(r"(?:内线|分机)?\s*([0-9]{3,6})")
_LOCAL = re.compile(r"([2-8][0-9]{6,7})(?:;ext=([0-9]{1,6}))?")
_EXTENSION = re.compile(r"\s*(?:转|分机)\s*([0-9]{1,6})$")


def read_phone(said: str) -> str | None:
    """E.164 with `;ext=`, a local or house number as its digits, or None when it is no phone number."""
    if _MOBILE.fullmatch(said):
        return f"+86{said}"
    if house := _HOUSE.fullmatch(said):
        return house[1]
    if local := _LOCAL.fullmatch(_EXTENSION.sub(r";ext=\1", re.sub(r"(?<=[0-9])[ -](?=[0-9])", "", said))):
        return local[0]
    return _parsed(_EXTENSION.sub(r" ext \1", said))


def _parsed(said: str) -> str | None:
    try:
        number = phonenumbers.parse(said, "CN")
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    ext = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) + ext
