"""States are plain documents, and do not care how often what they were made of is read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bson import decode, encode
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

from shared.contracts.event import Event
from shared.domain.escalating.rules import EscalationRules
from tests.domain.nights.night import Night
from tests.domain.nights.promises import must

State = dict[str, Any]
_CODEC: CodecOptions[State] = CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD)


def plain_and_repeatable(night: Night) -> None:
    """States go through the database unchanged, and escalation's is the same for every repetition it reads."""
    for (service, report_id), case in night.play.cases.items():
        stored = decode(encode(case.state, codec_options=_CODEC), codec_options=_CODEC)
        must(stored == case.state and _is_plain(case.state), service, report_id, "is not of plain values")
        if service == "escalation" and not case.held:
            again = _folded_twice(night.play.heard[service, report_id])
            must(_but_version(again) == _but_version(case.state), report_id, "differs when it is read twice")


def _folded_twice(heard: list[tuple[Event, datetime]]) -> State:
    """What other services said comes a second time, at once and later; own facts are never read."""
    state: State = {}
    rules, others = EscalationRules(), []
    for n, (event, at) in enumerate(heard):
        state = rules.evolve(state, event, at)
        if not _is_own(event):
            others.append((event, at))
            for one, when in (others[-1], others[n * 7 % len(others)]):
                state = rules.evolve(state, one, when)
    return state


def _is_own(event: Event) -> bool:
    own = ("rung.", "limit.", "grade.", "report.unassigned", "notice.", "deadline.")
    return event.type.startswith(own)


def _but_version(state: State) -> State:
    return {field: value for field, value in state.items() if field != "version"}


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(_is_plain(one) for one in value)
    return value is None or type(value) in (str, int, float, bool, datetime, UUID)
