"""The brief for the authority (SOP S6: in writing within 3 h), filled in from the register, to check and sign.

What the register does not know is left open to be filled in by hand, never guessed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.domain.registering.paper import Paper

Row = dict[str, Any]

WITHIN = timedelta(hours=3)
MOST_TOLD = 60
_OPEN = "____________"
_LEVELS = {"red": ("红", "red"), "orange": ("橙", "orange"), "yellow": ("黄", "yellow"), "blue": ("蓝", "blue")}
_LEVEL_FIELDS = ("event_level", "final_level")
_HURT = ("hurt_missing", "trapped", "trapped_told", "persons_missing", "still_inside", "flood_inside")
_AUTHORITY_STEPS = frozenset({"report_authority", "report_danger", "report_orange", "brief"})
_OUTSIDE = {
    "authority": ("主管部门", "authority"),
    "company": ("公司", "company"),
    "body": ("有关单位", "body concerned"),
    "lift_firm": ("电梯维保单位", "lift firm"),
    "gas_company": ("燃气公司", "gas company"),
}
_SIGNED = (("拟稿", "Drawn up by"), ("核对", "Checked by"), ("签发(管理处主任)", "Signed (management director)"))


class Section(NamedTuple):
    """A heading, and what is said below it: a label and its text, the label empty for a line of its own."""

    heading: str
    said: tuple[tuple[str, str], ...]


class Brief(NamedTuple):
    title: str
    mark: str
    sections: tuple[Section, ...]
    signed: tuple[str, ...]


def is_told_to_authorities(row: Row) -> bool:
    """Disasters (SOP S6), and whatever of another class has a step that tells an authority."""
    steps = {task["step"] for task in row.get("tasks", ())}
    return row["category"] == "disaster" or not steps.isdisjoint(_AUTHORITY_STEPS)


def brief(report: Row, paper: Paper, now: datetime) -> Brief:
    """Of a report as the register's window shows it: its line, its row and its story; masked beforehand."""
    row, story = report["row"], report["story"]
    drill = paper.pick("【演习】", "[DRILL] ") if row.get("drill") else ""
    return Brief(
        drill + paper.pick("突发事件书面快报", "Written brief on an emergency"),
        paper.pick(
            f"待核对:由登记表自动填写,截至{paper.clock(now)},核对签字后方可报出",
            f"NOT YET CHECKED: filled in from the register as of {paper.clock(now)}; send only when signed",
        ),
        (
            _what(report, row, paper),
            _grade(row, paper),
            _measures(row, story, paper),
            _outside(row, paper),
            _told(story, paper),
            _contact(report, paper),
        ),
        tuple(paper.pick(*words) for words in _SIGNED),
    )


def _what(report: Row, row: Row, paper: Paper) -> Section:
    kind = " · ".join(paper.name(name, row[name]) for name in ("category", "kind", "grade") if row.get(name))
    place = " ".join(str(row[name]) for name in ("place", "patient_place") if row.get(name))
    said = (
        (paper.pick("小区", "Estate"), paper.estate_name),
        (paper.pick("登记编号", "Register no."), report.get("no") or _OPEN),
        (paper.pick("事件", "Event"), kind),
        (paper.pick("地点", "Where"), place or _OPEN),
        (paper.pick("发生时间", "Happened at"), _time(row.get("happened_at"), paper)),
        (paper.pick("接报时间", "Reported to us at"), _time(row.get("received_at"), paper)),
        (paper.pick("情况", "What happened"), row.get("text") or _OPEN),
        (paper.pick("伤亡、被困、失踪", "Hurt, trapped, missing"), _hurt(row, paper)),
        (paper.pick("现状", "State"), paper.name("state", row["state"])),
    )
    return Section(paper.pick("一、事件", "1. The event"), said)


def _grade(row: Row, paper: Paper) -> Section:
    """The colours are two things: of the weather's warning, and of the event, which sets the limits."""
    level, weather = _recorded(row, _LEVEL_FIELDS), row.get("weather")
    began = row.get("clock_from") or row.get("received_at")
    due = _due(row, "brief") or (began + WITHIN if began else None)
    first = _due(row, "report_authority") or _due(row, "report_orange")
    colour = paper.pick(*_LEVELS[level]) if level in _LEVELS else (level or _OPEN)
    said = (
        (
            paper.pick("气象预警", "Weather warning"),
            paper.name("weather", weather) if weather else paper.pick("无", "none"),
        ),
        (paper.pick("事件级别(红橙黄蓝)", "Grade of the event (red, orange, yellow, blue)"), colour),
        (paper.pick("首报时限", "First report due"), _time(first, paper)),
        (paper.pick("书面快报时限(3小时)", "Written brief due (3 h)"), _time(due, paper)),
    )
    return Section(paper.pick("二、级别与时限", "2. Grade and limits"), said)


def _measures(row: Row, story: list[Row], paper: Paper) -> Section:
    """What was begun or done, in order; the words are those that went to whoever did it."""
    words = {entry["task_id"]: entry["words"] for entry in story if entry["type"] == "task.assigned"}
    tasks = [task for task in row.get("tasks", ()) if not task["only_ack"] and task["state"] != "withdrawn"]
    begun = [task for task in tasks if task.get("acknowledged_at") or task["state"] == "ended"]
    said = [_measure(task, words.get(task["id"], {}), paper) for task in sorted(begun, key=_began)]
    return Section(paper.pick("三、已采取的措施", "3. Measures taken so far"), tuple(said) or (("", _OPEN),))


def _measure(task: Row, words: Row, paper: Paper) -> tuple[str, str]:
    times = (
        (paper.pick("到场", "arrived"), task.get("arrived_at")),
        (paper.pick("完成", "ended"), task.get("ended_at")),
    )
    told = [f"{name} {paper.short_clock(at)}" for name, at in times if at]
    outcome = [paper.name("outcome", task["outcome"])] if task.get("outcome") else []
    record = paper.record(task["step"], task.get("record") or {})
    what = words.get(paper.language) or task["step"]
    return f"{paper.short_clock(_began(task))} {paper.who(task['to'])}", paper.list([what, *told, *outcome, record])


def _outside(row: Row, paper: Paper) -> Section:
    """Calls to outside, as people recorded them; a drill calls nobody."""
    calling = [task for task in row.get("tasks", ()) if task.get("calls")]
    said = [_call(task, paper) for task in calling]
    return Section(paper.pick("四、对外联系", "4. Told outside the estate"), tuple(said) or (("", _OPEN),))


def _call(task: Row, paper: Paper) -> tuple[str, str]:
    whom = paper.pick("、", ", ").join(paper.pick(*_OUTSIDE[c]) if c in _OUTSIDE else c for c in task["calls"])
    if task["state"] != "ended":
        return whom, paper.pick("尚未记录", "not recorded yet")
    record = paper.record(task["step"], task.get("record") or {})
    return whom, paper.list([paper.name("outcome", task["outcome"]), record])


def _told(story: list[Row], paper: Paper) -> Section:
    """Who was told within the estate, and when; the latest where they are many."""
    told = [entry for entry in story if entry["type"] == "notice.issued"]
    told += [entry for entry in story if entry["type"] == "task.assigned" and entry.get("only_ack")]
    ordered = sorted(told, key=lambda entry: (entry["at"], str(entry["event_id"])))
    said = [(f"{paper.short_clock(e['at'])} {paper.who(e['to'])}", e["words"][paper.language]) for e in ordered]
    if earlier := len(said) - MOST_TOLD:
        said = [("", paper.pick(f"更早的{earlier}条见登记表", f"{earlier} earlier ones: see the register"))] * (
            earlier > 0
        ) + said[-MOST_TOLD:]
    return Section(paper.pick("五、已通知的人员", "5. Who was told"), tuple(said) or (("", _OPEN),))


def _contact(report: Row, paper: Paper) -> Section:
    said = (
        (paper.pick("受理人", "Taken by"), paper.who(report["row"].get("received_by")) or _OPEN),
        (paper.pick("报事人", "Reporter"), report.get("reporter") or _OPEN),
        (paper.pick("报事人电话", "Reporter's phone"), report.get("phone") or _OPEN),
        (paper.pick("现场联系人及电话", "On the scene, with phone"), _OPEN),
        (paper.pick("报送单位", "Sent to"), _OPEN),
        (paper.pick("报送时间", "Sent at"), _OPEN),
    )
    return Section(paper.pick("六、联系与报送", "6. Contact and sending"), said)


def _hurt(row: Row, paper: Paper) -> str:
    tasks = row.get("tasks", ())
    found = [(t["step"], name, t["record"][name]) for t in tasks for name in _HURT if name in t.get("record", {})]
    return paper.list(paper.recorded(step, name, value) for step, name, value in found) or _OPEN


def _recorded(row: Row, names: Iterable[str]) -> str | None:
    """The last word on it."""
    tasks = sorted(row.get("tasks", ()), key=lambda t: t.get("ended_at") or t["assigned_at"])
    found = [t["record"][name] for t in tasks for name in names if t.get("record", {}).get(name)]
    return str(found[-1]) if found else None


def _due(row: Row, step: str) -> datetime | None:
    return next((t["finish_by"] for t in row.get("tasks", ()) if t["step"] == step and t.get("finish_by")), None)


def _began(task: Row) -> datetime:
    began: datetime = task.get("acknowledged_at") or task.get("ended_at") or task["assigned_at"]
    return began


def _time(at: datetime | None, paper: Paper) -> str:
    return paper.clock(at) if at else _OPEN
