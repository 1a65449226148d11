"""A case that becomes major by itself: valid and open for a month, or by households with one cause (SOP S8).

When, was decided at opening (`report.opened`, `promotion`); in a later round the month counts from its beginning.
All of it may be read in any order, so it is kept as it comes and the deadline follows from the state alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.escalations import GradePromoted
from shared.contracts.event import Fact, RecordValue
from shared.contracts.replies import ReportJoined
from shared.contracts.tasks import ReportOpened
from shared.contracts.vocabulary import Grade
from shared.domain.escalating.state import BEFORE_ALL, Order, is_closed, order_of
from shared.domain.rules import Deadline, State

PROMOTE = "promote"
_NEVER: Mapping[str, Any] = {"order": BEFORE_ALL}
_YES, _NO = frozenset({True, "true", "yes", "是"}), frozenset({False, "false", "no", "否"})


# ---- how a case takes in what it is promoted by --------------------------------


def on_opened(state: State, opened: ReportOpened, now: datetime) -> State:
    """From here on only the flag that the promotion asks for is kept; of most classes none."""
    if opened.promotion is None:
        return _asked_for({**state, "promotion": None})
    promotion = {
        "event": opened.event_id,
        "from": opened.accepted_at,
        "at": opened.promotion.at,
        "after": (opened.promotion.at - opened.clock_from).total_seconds(),
        "households": opened.promotion.households,
        "only_if": opened.promotion.only_if,
    }
    return graded(_asked_for({**state, "promotion": promotion}), opened, opened.grade)


def _asked_for(state: State) -> State:
    if "flags" not in state or "promotion" not in state:
        return state
    name = (state["promotion"] or {}).get("only_if")
    return {**state, "flags": {field: flag for field, flag in state["flags"].items() if field == name}}


def graded(state: State, fact: Fact, grade: Grade | None) -> State:
    """The grade by the latest decision, whichever was read first."""
    order = order_of(fact)
    if grade is None or order <= state.get("grade", _NEVER)["order"]:
        return state
    return {**state, "grade": {"order": order, "at": fact.accepted_at, "is": grade}}


def recorded(state: State, fact: Fact, record: Mapping[str, RecordValue]) -> State:
    """Yes and no as they were recorded last; which of them counts is known once the report was opened."""
    said = {name: _flag(value) for name, value in record.items()}
    order, flags = order_of(fact), dict(state.get("flags", {}))
    new = {
        name: {"order": order, "at": fact.accepted_at, "is": flag}
        for name, flag in said.items()
        if flag is not None and order > flags.get(name, _NEVER)["order"]
    }
    return _asked_for({**state, "flags": {**flags, **new}}) if new else state


def _flag(value: RecordValue) -> bool | None:
    plain = value.strip().lower() if isinstance(value, str) else value
    if not isinstance(plain, bool | str):
        return None
    return True if plain in _YES else False if plain in _NO else None


def on_joined(state: State, joined: ReportJoined, now: datetime) -> State:
    """Each report once, by the latest word about it."""
    row: dict[str, Any] = {"report": joined.by_report_id, "at": joined.accepted_at, "event": joined.event_id.hex}
    row |= {"household": _household(joined.household) or joined.by_report_id, "drill": bool(joined.drill)}
    rows = state.get("joined", [])
    old = next((r for r in rows if r["report"] == row["report"]), None)
    if old and _when(old) >= _when(row):
        return state
    return {**state, "joined": sorted([*(r for r in rows if r is not old), row], key=_when)}


def _when(row: dict[str, Any]) -> tuple[datetime, str]:
    return row["at"], row["event"]


def _household(name: str | None) -> str:
    return "".join((name or "").split()).upper()


def on_promoted(state: State, said: GradePromoted, now: datetime) -> State:
    """Once a round: whoever lowers it afterwards knows of the month and of the households."""
    return {**state, "version": said.case_version, "promoted": _round(state)}


# ---- when ----------------------------------------------------------------------


def deadline(state: State) -> Deadline | None:
    """None while nothing promotes it: not asked for, closed, major already, or promoted in this round."""
    due = due_by(state)
    return Deadline(PROMOTE, due[0], _armed_by(state)) if due else None


def due_by(state: State) -> tuple[datetime, str] | None:
    """When, and why: whichever comes first, but not before the last word that it depends on."""
    if not state.get("promotion") or is_closed(state) or state.get("promoted") == _round(state):
        return None
    if state.get("grade", {}).get("is") == "major":
        return None
    said = (state["promotion"]["from"], *(state[of]["at"] for of in ("grade", "reopened") if of in state))
    ways = ((_month(state), "open_a_month"), (_households(state), "households"))
    return min(((max(at, *said), why) for at, why in ways if at), default=None)


def _month(state: State) -> datetime | None:
    """Only of a complaint that was found valid, where the class asks for that."""
    promotion = state["promotion"]
    begun: dict[str, Any] = state.get("reopened", {})
    at: datetime = begun["at"] + timedelta(seconds=promotion["after"]) if begun else promotion["at"]
    if promotion["only_if"] is None:
        return at
    flag: dict[str, Any] = state.get("flags", {}).get(promotion["only_if"], {})
    return max(at, flag["at"]) if flag.get("is") else None


def _households(state: State) -> datetime | None:
    """When the last of so many joined; the main report's own is the first of them, and a drill's none."""
    place = state.get("place") or {}
    own = {_household(place.get("zh")), _household(place.get("short"))} - {""}
    others: dict[str, datetime] = {}
    rehearsed = bool(state.get("filed", {}).get("drill"))
    for row in state.get("joined", ()):
        if row["household"] not in own and row["drill"] <= rehearsed:
            others.setdefault(row["household"], row["at"])
    times = sorted(others.values())
    wanted = state["promotion"]["households"] - 1
    return times[wanted - 1] if 0 < wanted <= len(times) else None


def _round(state: State) -> Order:
    """The decision that began the round."""
    order: Order = state.get("reopened", _NEVER)["order"]
    return order


def _armed_by(state: State) -> UUID:
    """It rings once a round, so what began the round is enough to name it."""
    begun: dict[str, Any] = state.get("reopened") or state["promotion"]
    found: UUID = begun["event"]
    return found
