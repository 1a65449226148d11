"""The estate that is measured, with everybody on duty, and the reports that are filed there."""

from datetime import UTC, datetime, time
from uuid import uuid4

from shared.contracts.event import Event, Speaker
from shared.contracts.history import FAMILIES, types_of
from shared.contracts.ids import lane_of_key
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import topic_of
from shared.contracts.vocabulary import Role
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.estates.devices import Device, DeviceChannel, Option
from shared.domain.estates.roster import Building, Estate, Person, Post
from shared.domain.estates.rows import Shift
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.rules import World
from shared.platform.clock import floor_ms
from shared.platform.records import Outgoing, outgoing

CODE = "bench"
_GUARD_POSTS = ("patrol-east", "patrol-west", "patrol-north")
_STAFF: tuple[tuple[str, Role, str | None], ...] = (
    ("desk-1", "customer_assistant", None),
    ("head-1", "service_head", None),
    ("director-1", "management_director", None),
    ("supervisor-1", "security_supervisor", None),
    ("leader-1", "shift_leader", None),
    ("control-1", "control_room", "control"),
    ("guard-1", "guard", "patrol-east"),
    ("guard-2", "guard", "patrol-west"),
    ("guard-3", "guard", "patrol-north"),
    ("gate-1", "gate_guard", "gate-south"),
    ("gate-2", "gate_guard", "gate-north"),
)
PAGERS = {person: f"{1001 + n}" for n, (person, _, _) in enumerate(_STAFF)}
_FAMILY = {name: family for family in FAMILIES for name in types_of(family)}


def estate(code: str = CODE) -> Estate:
    """Small, but with all roles of the three playbooks, at posts nearest first."""
    return Estate(
        estate=code,
        zh="清河园",
        en="Bench Garden",
        buildings=(Building(id="b3", zh="3栋", short="B3", posts=_GUARD_POSTS),),
        posts=tuple(Post(id=post, zh=post, role=role) for _, role, post in _STAFF if post),
        people=tuple(Person(id=person, name=person) for person, _, _ in _STAFF),
        shifts=tuple(
            Shift(persons=(person,), roles=(role,), post=post, start=time(0), end=time(0))
            for person, role, post in _STAFF
        ),
    )


def paged(port: int, *persons: str, code: str = CODE) -> Estate:
    """The same with pagers, a number each: of these persons, or of everybody. Nobody shares air time here."""
    options: dict[str, Option] = {"host": "127.0.0.1", "port": port, "bits_per_s": 0}
    pager = DeviceChannel(id="pager", kind="snpp", options=options)
    devices = tuple(
        Device(id=f"pager-{person}", channel="pager", address=PAGERS[person], person=person)
        for person in persons or PAGERS
    )
    return estate(code).model_copy(update={"channels": (pager,), "devices": devices})


def inquiry() -> ReportFiled:
    """An oral inquiry, routine: two facts follow."""
    now, event_id = floor_ms(datetime.now(UTC)), uuid4()
    return ReportFiled(
        event_id=event_id,
        report_id=f"routine.inquiry.{CODE}.{event_id.hex}",
        estate_id=CODE,
        occurred_at=now,
        accepted_at=now,
        category="inquiry",
        lane="routine",
        channel="phone",
        form="oral",
        place="3栋1单元1201",
        place_short="B3-1-1201",
        building="b3",
        text="请问今年的电梯年检什么时候做，停运期间老人怎么上下楼？",
        reporter_phone="13800000000",
        by=Speaker(role="customer_assistant"),
    )


def medical(code: str = CODE) -> ReportFiled:
    """An emergency with an ambulance called and the patient's place known."""
    now, event_id = floor_ms(datetime.now(UTC)), uuid4()
    return ReportFiled(
        event_id=event_id,
        report_id=f"emergency.medical.{code}.{event_id.hex}",
        estate_id=code,
        occurred_at=now,
        accepted_at=now,
        category="medical",
        lane="emergency",
        channel="phone",
        place="3栋1单元1201",
        place_short="B3-1-1201",
        building="b3",
        patient_place="3栋1单元1201",
        patient_phone="13800000000",
        text="老人胸痛，出冷汗",
        help=("ambulance",),
        by=Speaker(role="customer_assistant"),
    )


def topic_for(event: Event) -> str:
    """The topic without the installation's prefix."""
    lane = lane_of_key(event.key)
    category = event.category if isinstance(event, ReportFiled) else None
    return topic_of(_FAMILY[event.type], lane, category)


def record(event: Event, source: str = "intake") -> Outgoing:
    return outgoing(event, topic_for(event), source)


def facts_of(filed: ReportFiled) -> list[Outgoing]:
    """What dispatch says to this report: what a floor has to say as well."""
    facts = DispatchRules().decide({}, filed, filed.accepted_at, World(estate(), load_playbooks()))
    assert isinstance(facts, list)
    return [record(fact, "dispatch") for fact in facts]
