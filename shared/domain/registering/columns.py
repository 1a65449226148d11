"""The columns of the 《报事报修登记表》 (SOP S9), read off a row; the number is given apart from the row."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from shared.domain.registering.remarks import remarks

Row = dict[str, Any]
Number = dict[str, Any]

_ROOM = re.compile(r"\d{3,4}[室房号]?$")


class Column(NamedTuple):
    """One column: its name for programs, its heading in both languages, and how it is read."""

    id: str
    zh: str
    en: str
    read: Callable[[Row], Any]


def show_number(number: Number | None) -> str | None:
    """`2026-000123`, a drill's `D2026-000001`; None until it is given."""
    return f"{number['series']}{number['year']}-{number['number']:06d}" if number else None


def entries(row: Row, number: Number | None) -> Row:
    """One line of the register: every column, `None` where nothing stands yet."""
    return {"no": show_number(number), **{column.id: column.read(row) for column in COLUMNS[1:]}}


def _field(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name)


def _obligatory(row: Row) -> list[Row]:
    return [t for t in row.get("tasks", ()) if not t["only_ack"] and not t["optional"]]


def _first(name: str) -> Callable[[Row], Any]:
    return lambda row: min((t[name] for t in _obligatory(row) if t.get(name)), default=None)


def _room(row: Row) -> str | None:
    place = row.get("patient_place") or row.get("place")
    return place if place and _ROOM.search(place) else None


def _phone(row: Row) -> str | None:
    return row.get("reporter_phone") or row.get("patient_phone")


def _dispatched(row: Row) -> list[Row]:
    return [{"to": t["to"], "step": t["step"], "at": t["assigned_at"]} for t in _obligatory(row)]


def _result(row: Row) -> Row | None:
    """Of the task that ended last; parts and fee stand in its record where the playbook asks for them."""
    ended = [t for t in _obligatory(row) if t["state"] == "ended"]
    last = max(ended, key=lambda t: (t["ended_at"], t["id"]), default=None)
    return {"step": last["step"], "outcome": last["outcome"], "record": last.get("record", {})} if last else None


def _signature(row: Row) -> Any:
    records = [t.get("record", {}) for t in row.get("tasks", ())]
    return next((r[name] for r in records for name in ("signature", "resident_signed") if r.get(name)), None)


def _return_visit(row: Row) -> Row | None:
    """The last one: its date, who was visited, A, B or C, the visitor, by the names of the playbooks' fields."""
    visits = [t for t in row.get("tasks", ()) if t.get("visit") and t["state"] == "ended"]
    last = max(visits, key=lambda t: (t["ended_at"], t["id"]), default=None)
    return {"at": last["ended_at"], "outcome": last["outcome"], **last.get("record", {})} if last else None


def _class(row: Row) -> Row:
    return {name: row.get(name) for name in ("category", "kind", "lane", "urgency", "grade", "weather")}


COLUMNS = (
    Column("no", "编号", "No.", lambda row: None),
    Column("received_at", "接报时间", "Received at", _field("received_at")),
    Column("channel", "报事方式", "Channel", _field("channel")),
    Column("reporter", "报事人", "Reporter", _field("reporter")),
    Column("room", "房号", "Room", _room),
    Column("phone", "联系电话", "Phone", _phone),
    Column("place", "地点", "Place", _field("place")),
    Column("content", "内容", "Content", _field("text")),
    Column("class", "类别及缓急", "Category and urgency", _class),
    Column("appointment", "预约时间", "Appointment", _field("appointment_at")),
    Column("received_by", "受理人", "Received by", _field("received_by")),
    Column("dispatched", "派往及时间", "Dispatched to and at", _dispatched),
    Column("accepted_at", "接单时间", "Accepted at", _first("acknowledged_at")),
    Column("arrived_at", "到场时间", "Arrived at", _first("arrived_at")),
    Column("finished_at", "完成时间", "Finished at", _field("closed_at")),
    Column("result", "处理结果", "Result (parts, fee)", _result),
    Column("signature", "住户签名", "Resident's signature", _signature),
    Column("return_visit", "回访", "Return visit", _return_visit),
    Column("remark", "备注", "Remark", remarks),
)
