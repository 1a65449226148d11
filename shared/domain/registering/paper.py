"""What a document of the register is written with: its language, the estate's time, and the estate's own names."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.contracts.names import NAMES
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks, RecordField

Row = dict[str, Any]
Language = Literal["zh", "en"]
Cell = str | int | float | datetime | date | timedelta | None
"""A time is the estate's wall time, without a zone, as a sheet of paper has it; to the second."""
Labels = Mapping[tuple[str, str], RecordField]
"""By step and field of its record: what the playbook calls it, and what it holds."""
_LONGEST_INSTANT = 60


class Paper(NamedTuple):
    """`hidden`: it is for somebody who may not see names and phone numbers (SOP S10); then `people` is empty."""

    language: Language
    zone: ZoneInfo
    estate_name: str
    labels: Labels
    posts: Mapping[str, str]
    departments: Mapping[str, str]
    people: Mapping[str, str]
    hidden: bool

    def pick(self, zh: str, en: str) -> str:
        return en if self.language == "en" else zh

    def name(self, kind: str, value: Any) -> str:
        """A code name that this reader does not know stands as it is."""
        found = NAMES.get(kind, {}).get(str(value))
        return self.pick(*found) if found else str(value)

    def time(self, at: datetime | None) -> datetime | None:
        return at.astimezone(self.zone).replace(microsecond=0, tzinfo=None) if at else None

    def clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def short_clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%m-%d %H:%M}"

    def list(self, parts: Any) -> str:
        """What there is of them, in the language's own punctuation."""
        return self.pick(";", "; ").join(str(part) for part in parts if part)

    def said(self, label: str, value: str) -> str:
        return self.pick(f"{label}:{value}", f"{label}: {value}")

    def who(self, speaker: Row | None) -> str:
        """Role or department, the post, and the name for whoever may see names."""
        if not speaker:
            return ""
        department = self.departments.get(speaker.get("department") or "")
        post = speaker.get("post")
        parts = [department or self.name("role", speaker["role"]), self.posts.get(post, post) if post else None]
        named = self.people.get(speaker.get("person") or "")
        return " ".join(part for part in (*parts, named) if part)

    def record(self, step: str, record: Row) -> str:
        """What was written down for a task, each under the playbook's own word."""
        return self.list(self.recorded(step, name, value) for name, value in record.items())

    def recorded(self, step: str, name: str, value: Any) -> str:
        field = self.labels.get((step, name))
        if field is None:
            return self.said(name, self.value(value))
        values = value if isinstance(value, (list, tuple)) else [value]
        words = self.pick("、", ", ").join(self._held(field.type, one) for one in values)
        return self.said(self.pick(field.zh, field.en), words)

    def _held(self, kind: str, value: Any) -> str:
        """A choice, a role, a post or a person by its name."""
        if not isinstance(value, str):
            return self.value(value)
        known = {"posts": self.posts, "person": self.people}.get(kind, {})
        if kind in ("owner", "department"):
            return self.departments.get(value) or self.name("role", value)
        return self.name("choice", value) if kind == "choice" else known.get(value) or self.value(value)

    def value(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.pick("是", "yes") if value else self.pick("否", "no")
        if isinstance(value, datetime):
            return self.clock(value)
        if isinstance(value, (list, tuple)):
            return self.pick("、", ", ").join(map(self.value, value))
        return self.pick("不详", "unknown") if value is None else self._instant(str(value))

    def _instant(self, text: str) -> str:
        """A time in a record is text with its zone; on paper it is the estate's."""
        if len(text) > _LONGEST_INSTANT or "T" not in text:
            return text
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text
        return self.clock(at) if at.tzinfo else text


def paper_of(estate: Estate | None, code: str, labels: Labels, language: Language, *, hidden: bool) -> Paper:
    """For an estate that is no longer known, codes stand for names and times are UTC's."""
    if estate is None:
        return Paper(language, ZoneInfo("Asia/Shanghai"), code, labels, {}, {}, {}, hidden)
    departments = {d.id: (d.en or d.zh) if language == "en" else d.zh for d in estate.departments}
    people = {} if hidden else {person.id: person.name for person in estate.people}
    name = estate.en if language == "en" else estate.zh
    posts = {post.id: post.zh if language == "zh" else post.id for post in estate.posts}
    return Paper(language, estate.zone, name, labels, posts, departments, people, hidden)


def labels_of(playbooks: Playbooks) -> Labels:
    """Of every version there is; the newest one's word where two name a field otherwise."""
    earlier = [book for some in playbooks.earlier.values() for book in some.values()]
    books = [*earlier, *playbooks.by_category.values()]
    steps = [step for book in books for step in book.steps.values()]
    return {(step.id, field.id): field for step in steps for field in step.record}
