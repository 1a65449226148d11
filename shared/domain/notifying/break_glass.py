"""Who is told of an emergency while Kafka is away: the shift leader, the supervisor and the control room. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.contracts.event import Addressee, Words
from shared.contracts.ids import fact_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import Category, Role
from shared.domain.drill_mark import as_drill
from shared.domain.estates.places import on_air
from shared.domain.estates.roster import Estate
from shared.domain.notifying.state import SERVICE

NAME = "break_glass"
TOLD: tuple[Role, ...] = ("shift_leader", "security_supervisor", "control_room")
_VALID = timedelta(hours=2)
_CLASSES: Mapping[Category, Words] = {
    "medical": Words(zh="急救", en="MEDICAL"),
    "repair": Words(zh="抢修", en="REPAIR"),
    "complaint": Words(zh="投诉", en="COMPLAINT"),
    "inquiry": Words(zh="咨询", en="INQUIRY"),
    "security": Words(zh="治安", en="SECURITY"),
    "disaster": Words(zh="灾害", en="DISASTER"),
    "general": Words(zh="求助", en="DANGER"),
}


def notices(filed: ReportFiled, estate: Estate, kinds: Mapping[str, Words], now: datetime) -> list[NoticeIssued]:
    """One for each role, under ids made from the report's: however often it is called, they are the same."""
    words = _words(filed, estate, kinds)
    return [
        NoticeIssued(
            event_id=fact_id(SERVICE, filed.event_id, NAME, number),
            report_id=filed.report_id,
            estate_id=filed.estate_id,
            occurred_at=now,
            accepted_at=now,
            because_of=filed.event_id,
            case_version=0,
            index=number,
            name=NAME,
            clause=("S2a",),
            playbook=filed.category,
            to=Addressee(role=role),
            words=words,
            urgency="emergency",
            valid_until=filed.accepted_at + _VALID,
            drill=filed.drill,
        )
        for number, role in enumerate(TOLD)
    ]


def _words(filed: ReportFiled, estate: Estate, kinds: Mapping[str, Words]) -> Words:
    """Place and kind alone, as on the air (SOP S10)."""
    place = on_air(estate, filed.patient_place or filed.place, filed.place_short)
    kind = kinds.get(filed.kind or "", _CLASSES[filed.category])
    words = Words(
        zh=f"急事{kind.zh}:{place.zh},系统暂断,先派人",
        en=f"EMERGENCY {kind.en} {place.en}. System cut off, send people.",
    )
    return as_drill(words) if filed.drill else words
