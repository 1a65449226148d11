"""Spoken by intake on `reports.<category>.<lane>`: a report was filed."""

from typing import Literal

from pydantic import AwareDatetime

from shared.contracts.event import Event, Name, Speaker, Text
from shared.contracts.vocabulary import (
    Category,
    Channel,
    Form,
    Grade,
    Help,
    Kind,
    Lane,
    Sign,
    Urgency,
    Weather,
)


class ReportFiled(Event):
    """A resident's report. In an emergency everything but the class may be missing; it is chased, not refused.

    `follows` names the report that this one carries on, and `clock_from` is that one's acceptance, so a
    resident's clock is never reset (SOP S1). `same_event_as` is a person's word that this is one event with
    another report: it keeps one task, to answer its caller. `written_up`: entered afterwards from paper;
    it opens no task, notice or clock (SOP S9).
    """

    type: Literal["report.filed"] = "report.filed"
    category: Category
    lane: Lane
    kind: Kind | None = None
    urgency: Urgency | None = None
    weather: Weather | None = None
    grade: Grade | None = None
    channel: Channel
    form: Form | None = None
    place: Name | None = None
    place_short: Name | None = None
    building: Name | None = None
    text: Text = ""
    reporter: Name | None = None
    reporter_phone: Name | None = None
    patient_place: Name | None = None
    patient_phone: Name | None = None
    relation: Name | None = None
    signs: tuple[Sign, ...] = ()
    help: tuple[Help, ...] = ()
    wished_by: Name | None = None
    vulnerable: Name | None = None
    appointment_at: AwareDatetime | None = None
    language: Literal["zh", "en"] = "zh"
    drill: bool = False
    written_up: bool = False
    follows: str | None = None
    clock_from: AwareDatetime | None = None
    same_event_as: str | None = None
    by: Speaker
