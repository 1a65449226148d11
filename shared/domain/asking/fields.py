"""One question: a field of a step's record, or of the report itself, as it is asked and entered."""

from collections.abc import Mapping
from typing import get_args

from pydantic import BaseModel, ConfigDict

from shared.contracts.vocabulary import KINDS, Form, Kind, Sign, Weather
from shared.domain.playbooks.format import Playbook, RecordField

REPORTED: Mapping[str, str] = {
    "patient_place": "patient_place",
    "patient_phone": "patient_phone",
    "contact_phone": "reporter_phone",
    "help": "help",
    "wished_by": "wished_by",
    "grade": "grade",
    "kind": "kind",
    "urgency": "urgency",
    "appointment_at": "appointment_at",
    "content": "text",
    "question": "text",
}
"""Fields of a step's record that are the report's own: the answer goes out with the report."""


class Shown(BaseModel):
    """Frozen, as it goes to the page."""

    model_config = ConfigDict(frozen=True)


class Question(Shown):
    """One question. `report`: the report's field that holds the answer, else it is kept for the step's record."""

    field: str
    report: str | None
    type: str
    zh: str
    en: str
    choices: tuple[str, ...] = ()
    several: bool = False
    closed: bool = False
    optional: bool = False


def question_of(field: RecordField) -> Question:
    """A field of a record as it is asked and entered."""
    return Question(
        field=field.id,
        report=REPORTED.get(field.id),
        type=field.type,
        zh=field.zh,
        en=field.en,
        choices=field.choices,
        several=field.several,
        closed=field.closed,
        optional=field.optional,
    )


def _own(field: str, zh: str, en: str, kind: str = "text", choices: tuple[str, ...] = ()) -> Question:
    several = field == "signs"
    return Question(
        field=field, report=field, type=kind, zh=zh, en=en, choices=choices, several=several, optional=True
    )


WHERE = _own("place", "地点(栋、单元、房号)", "Place (building, unit, room)")
NUMBER = _own("reporter_phone", "联系电话", "Phone")


def besides(book: Playbook, of_patient: bool) -> list[Question]:
    """What every report may have, and of which kind, form or colour this class can be."""
    kinds = [k for k in get_args(Kind) if k in KINDS.get(book.playbook, ())]
    found = [_own("kind", "具体种类", "What kind", "choice", tuple(kinds))] if kinds else []
    if book.default_form:
        found.append(_own("form", "口头或书面", "Oral or written", "choice", get_args(Form)))
    if "gale" in kinds:
        found.append(_own("weather", "气象预警", "Weather warning", "choice", get_args(Weather)))
    if of_patient:
        found.append(_own("signs", "危重情况(听到即勾)", "Grave signs, as heard", "choice", get_args(Sign)))
    found += [_own("text", "情况", "What it is about"), _own("reporter", "报事人", "Caller")]
    if of_patient:
        found += [
            _own("relation", "与病人关系", "Relation to the patient"),
            _own("reporter_phone", "来电号码", "Caller's number"),
        ]
    return found
