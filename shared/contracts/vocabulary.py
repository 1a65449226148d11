"""The words of the procedure: one Chinese term, one code name (GLOSSARY.md).

Types are `Literal`s, so that a wrong word is refused where an event, a playbook or an estate is read;
the tuples beside them are for going through all of them.
"""

from typing import Literal, get_args

Lane = Literal["emergency", "routine"]
Category = Literal["medical", "repair", "complaint", "inquiry", "security", "disaster", "general"]
Role = Literal[
    "management_director",
    "service_head",
    "customer_assistant",
    "security_supervisor",
    "shift_leader",
    "guard",
    "gate_guard",
    "department_head",
    "engineering",
    "control_room",
]
Help = Literal["transport", "ambulance", "nursing"]
Grade = Literal["ordinary", "major", "important", "minor"]
Form = Literal["oral", "written"]
Urgency = Literal["urgent", "daily", "special", "appointment"]
Channel = Literal["phone", "visit", "app", "patrol", "radio", "gate", "written"]
Kind = Literal[
    "lift_entrapment", "gas", "mains_water", "danger",
    "theft", "fight", "robbery", "murder", "poisoning", "traffic",
    "fire", "flood", "gale",
]  # fmt: skip
Sign = Literal[
    "unconscious", "not_breathing", "chest_pain", "heavy_bleeding", "fall_from_height", "child_burns",
    "poisoning", "labour", "several_patients", "death", "alone_locked_in",
]  # fmt: skip
Clock = Literal["ack", "arrive", "finish"]
Weather = Literal["blue", "yellow", "orange", "red"]
"""The colour of a warning of the weather service, entered by the desk (SOP S6)."""
Outside = Literal["110", "119", "120", "122", "authority", "body", "company", "lift_firm", "gas_company"]
"""Whom a step calls outside the estate; a drill calls none of them."""

LANES: tuple[Lane, ...] = get_args(Lane)
CATEGORIES: tuple[Category, ...] = get_args(Category)
ROLES: tuple[Role, ...] = get_args(Role)
HELPS: tuple[Help, ...] = get_args(Help)

EMERGENCY_KINDS: dict[Category, frozenset[str]] = {
    "repair": frozenset({"lift_entrapment", "gas", "mains_water"}),
    "general": frozenset({"danger"}),
}
"""Kinds that lift an otherwise routine class into the emergency lane (SOP S1b, S1g)."""

KINDS: dict[Category, frozenset[str]] = {
    **EMERGENCY_KINDS,
    "security": frozenset({"theft", "fight", "robbery", "murder", "poisoning", "traffic"}),
    "disaster": frozenset({"fire", "flood", "gale", "gas"}),
}
"""The kinds a class knows; a class that is missing here has none."""

_ALWAYS_EMERGENCY: frozenset[Category] = frozenset({"medical", "security", "disaster"})


def lane_of(category: Category, kind: str | None = None) -> Lane:
    """The lane follows from class and kind, once and for the life of the report (SOP S1)."""
    if category in _ALWAYS_EMERGENCY or kind in EMERGENCY_KINDS.get(category, ()):
        return "emergency"
    return "routine"


LADDERS: dict[Role, tuple[Role, ...]] = {
    "customer_assistant": ("customer_assistant", "service_head", "management_director"),
    "service_head": ("service_head", "management_director"),
    "management_director": ("management_director",),
    "guard": ("guard", "shift_leader", "security_supervisor", "management_director"),
    "gate_guard": ("gate_guard", "shift_leader", "security_supervisor", "management_director"),
    "control_room": ("control_room", "shift_leader", "security_supervisor", "management_director"),
    "shift_leader": ("shift_leader", "security_supervisor", "management_director"),
    "security_supervisor": ("security_supervisor", "management_director"),
    "engineering": ("engineering", "department_head", "service_head", "management_director"),
    "department_head": ("department_head", "service_head", "management_director"),
}
"""Who is asked after whom, starting at a task's own role (SOP, Ladders)."""
