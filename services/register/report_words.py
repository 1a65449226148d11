"""How a report's page says things: people by role and post, times of the estate, fields by the playbook's words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Words
from shared.contracts.names import NAMES
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbook, Playbooks
from shared.domain.registering.story_words import CHANGED

Fields = Mapping[str, Words]

_KINDS = {"help": "help", "kind": "kind", "grade": "grade", "urgency": "urgency", "owner": "role", "signs": "sign"}
_KINDS |= {"ending": "state", "clock": "clock"}
_FILED: dict[str, tuple[str, str]] = {
    "text": ("内容", "content"),
    "reporter": ("报事人", "reporter"),
    "reporter_phone": ("报事人电话", "reporter's phone"),
    "patient_place": ("病人地点", "patient's place"),
    "relation": ("关系", "relation"),
    "signs": ("症状", "signs"),
    "wished_by": ("谁要求", "wished by"),
    "vulnerable": ("特殊情况", "vulnerable"),
    "to_report_id": ("并入", "linked to"),
    "by_report_id": ("接续", "carried on by"),
    "for_report_id": ("真实急事", "the real emergency"),
    "reason": ("原因", "reason"),
    "until": ("延至", "until"),
    "task_id": ("任务", "task"),
    "clock": ("时限", "clock"),
    "why": ("原因", "why"),
}
_UNKNOWN, _YES, _NO = ("未记", "not recorded"), ("是", "yes"), ("否", "no")


def fields_of(playbooks: Playbooks) -> Fields:
    """What every playbook there is calls the fields of its records; the newest version's word counts."""
    books: list[Playbook] = [b for some in playbooks.earlier.values() for b in some.values()]
    books += playbooks.by_category.values()
    steps = [step for book in books for step in book.steps.values()]
    return {field.id: Words(zh=field.zh, en=field.en) for step in steps for field in step.record}


class ReportWords:
    """Of one report, for one reader. `named`: the reader may see the names of people in the roster."""

    def __init__(self, language: str, estate: Estate, start: datetime, fields: Fields, *, named: bool) -> None:
        self._place, self._zone, self._start, self._fields = int(language == "en"), estate.zone, start, fields
        self._posts = {post.id: post.zh for post in estate.posts}
        self._departments = {d.id: (d.zh, d.en or d.zh) for d in estate.departments}
        self._people = {person.id: person.name for person in estate.people} if named else {}
        self._devices = {device.id: device.post or device.person or "" for device in estate.devices}

    def who(self, somebody: Mapping[str, Any] | None) -> str:
        """Role, department, post and person, as far as they are said."""
        if not somebody:
            return ""
        person, post, department = (somebody.get(name) for name in ("person", "post", "department"))
        parts = [self.name("role", somebody.get("role"))]
        parts += [self._pick(self._departments.get(department, (department, department)))] if department else []
        parts += [self._posts.get(post, post)] if post else []
        parts += [self._people.get(person, person)] if person else []
        return " · ".join(part for part in parts if part)

    def device(self, code: str | None) -> str:
        """A device with whose it is."""
        holder = self._devices.get(code or "", "")
        holder = self._posts.get(holder) or self._people.get(holder) or holder
        return f"{code} ({holder})" if holder and code else (code or "")

    def name(self, table: str, code: Any) -> str:
        found = NAMES.get(table, {}).get(str(code))
        return self._pick(found) if found else str(code or "")

    def told(self, entry: Mapping[str, Any]) -> str:
        return self._pick((entry["told"]["zh"], entry["told"]["en"]))

    def words(self, words: Mapping[str, str] | None) -> str:
        return self._pick((words["zh"], words["en"])) if words else ""

    def field(self, name: str) -> str:
        if name in self._fields:
            return self._pick((self._fields[name].zh, self._fields[name].en))
        return self._pick(_FILED.get(name) or CHANGED.get(name) or (name, name))

    def show(self, value: Any, field: str = "") -> str:
        """A value as people read it; what is not there is said to be not recorded."""
        if value is None or value == "" or value == []:
            return self._pick(_UNKNOWN)
        if isinstance(value, bool):
            return self._pick(_YES if value else _NO)
        if isinstance(value, datetime):
            return self.clock(value)
        if isinstance(value, (list, tuple)):
            return ("、", ", ")[self._place].join(self.show(one, field) for one in value)
        return self.name(_KINDS[field], value) if field in _KINDS else str(value)

    def clock(self, at: datetime) -> str:
        """With the day where it is not the day of the report."""
        there, day = at.astimezone(self._zone), self._start.astimezone(self._zone).date()
        return f"{there:%H:%M:%S}" if there.date() == day else f"{there:%m-%d %H:%M:%S}"

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    @staticmethod
    def after(span: timedelta) -> str:
        """`+0:00:12` from acceptance; `-` for what happened before."""
        sign, seconds = ("-", -span) if span < timedelta() else ("+", span)
        whole = int(seconds.total_seconds())
        return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"

    def _pick(self, both: tuple[str, str]) -> str:
        return both[self._place]
