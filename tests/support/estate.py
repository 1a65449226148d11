"""Estates of the tests: everybody on duty around the clock, so that no test depends on the hour it runs at."""

from datetime import time

from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Building, Estate, Person, Place, Post
from shared.domain.estates.rows import Shift

MIDNIGHT = time(0, 0)
STAFF: dict[str, tuple[tuple[Role, ...], str | None]] = {
    "desk-1": (("customer_assistant",), None),
    "head-1": (("service_head",), None),
    "director-1": (("management_director",), None),
    "supervisor-1": (("security_supervisor",), None),
    "leader-1": (("shift_leader",), None),
    "control-1": (("control_room",), "control"),
    "engineer-1": (("engineering",), None),
    "guard-1": (("guard",), "patrol-east"),
    "guard-2": (("guard",), "patrol-west"),
    "guard-3": (("guard",), "patrol-north"),
    "gate-1": (("gate_guard",), "gate-south"),
    "gate-2": (("gate_guard",), "gate-north"),
}
POSTS: dict[str, tuple[str, Role]] = {
    "control": ("监控中心", "control_room"),
    "patrol-east": ("东巡逻岗", "guard"),
    "patrol-west": ("西巡逻岗", "guard"),
    "patrol-north": ("北巡逻岗", "guard"),
    "gate-south": ("南门岗", "gate_guard"),
    "gate-north": ("北门岗", "gate_guard"),
}


def an_estate(code: str = "qinghe", without: tuple[str, ...] = ()) -> Estate:
    """`without`: persons who hold nothing here."""
    people = {p: held for p, held in STAFF.items() if p not in without}
    return Estate(
        estate=code,
        zh="清河园",
        en="Qinghe Garden",
        buildings=(
            Building(id="b1", zh="1栋", short="B1", posts=("patrol-east", "patrol-west", "patrol-north")),
            Building(id="b3", zh="3栋", short="B3", posts=("patrol-west", "patrol-north", "patrol-east")),
        ),
        places=(Place(zh="南门", short="S-GATE"),),
        posts=tuple(Post(id=i, zh=zh, role=role) for i, (zh, role) in POSTS.items()),
        people=tuple(Person(id=p, name=f"姓名{n}") for n, p in enumerate(people)),
        shifts=tuple(_always(p, roles, post) for p, (roles, post) in people.items()),
    )


def _always(person: str, roles: tuple[Role, ...], post: str | None) -> Shift:
    return Shift(persons=(person,), roles=roles, post=post, start=MIDNIGHT, end=MIDNIGHT)
