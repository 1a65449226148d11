"""The check at the end of the demo: what has to stand in the register, and whether it does. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from cli.demoing.comparing import Difference, by_report, called_for, differences, without_ladders
from cli.demoing.evening import ACCEPTED
from cli.demoing.registered import Registered
from cli.demoing.running import Sent, Tried
from cli.demoing.speaking import is_filing
from shared.contracts.deliveries import DeliveryAccepted, DeliveryAnswered, DeliveryFailed, DeliveryRefused
from shared.contracts.event import Event
from shared.contracts.ids import parse_report_id
from shared.contracts.reports import ReportFiled

_ENDED, _NOBODY = "no_longer_wanted", "nobody"
MARGIN_S = 0.3
"""Real seconds that anything may be late before the evening may rightly differ from its plan."""


class Finding(NamedTuple):
    """One sentence of the check. `wrong`: what is not so; `excused`: why that does not count here."""

    zh: str
    en: str
    checked: int
    wrong: tuple[str, ...] = ()
    excused: str = ""

    @property
    def holds(self) -> bool:
        return not self.wrong or bool(self.excused)


class Held(NamedTuple):
    """How late things were at most, in real seconds: answers at the door, decisions, deadlines."""

    answers: float
    decisions: float
    rings: float

    @property
    def too_long(self) -> bool:
        return max(self) > MARGIN_S


def held_up(sent: Iterable[Sent], decisions: Iterable[timedelta], rings: Iterable[timedelta], speed: float) -> Held:
    return Held(*(_latest(late, speed) for late in ((s.late for s in sent), decisions, rings)))


def _latest(late: Iterable[timedelta], speed: float) -> float:
    return max((one.total_seconds() for one in late), default=0.0) / speed


def door_finding(sent: Sequence[Sent], tried: Sequence[Tried]) -> Finding:
    wrong = [
        f"{s.request.path} {s.request.body.get('type', '')}: {s.answered.status} ≠ {s.request.expect}"
        for s in sent
        if s.wrong
    ]
    wrong += [f"{t.unusable.shows}: {t.answered.status} ≠ {t.unusable.expect}" for t in tried if t.wrong]
    zh, en = "入口按约定收下或拒收每个请求", "the door took or refused every request as expected"
    return Finding(zh, en, len(sent) + len(tried), tuple(wrong))


def reports_finding(sent: Iterable[Sent], registered: Registered) -> Finding:
    """By the door's own answers; what it refused must not be there."""
    accepted = {
        s.answered.body["report_id"] for s in sent if is_filing(s.request) and s.answered.status == ACCEPTED
    }
    filed = Counter(e.report_id for e in registered.events if isinstance(e, ReportFiled))
    rows = Counter(registered.rows)
    every = sorted(accepted | filed.keys() | rows.keys())
    wanted = {report: int(report in accepted) for report in every}
    wrong = [
        f"{r}: {filed[r]} × 登记事件 filed, {rows[r]} × 行 rows"
        for r in every
        if not filed[r] == rows[r] == wanted[r]
    ]
    return Finding(
        "每件收下的报事在登记表里恰有一件", "every accepted report is there once", len(accepted), tuple(wrong)
    )


def numbers_finding(registered: Registered, reports: Collection[str]) -> Finding:
    """Each estate's, and its drills' apart."""
    by_series: dict[str, list[int]] = {}
    for report in reports:
        series = f"{parse_report_id(report).estate} {registered.series.get(report, '')}".strip()
        by_series.setdefault(series, []).append(registered.numbers.get(report, 0))
    wrong = [
        f"{series}: {sorted(numbers)}"
        for series, numbers in by_series.items()
        if sorted(numbers) != list(range(1, len(numbers) + 1))
    ]
    return Finding("登记编号无缺无重", "register numbers without a gap", len(reports), tuple(wrong))


def reached_finding(found: Collection[Event], shown: int) -> Finding:
    """`shown`: how often a device showed something; several notices may have been one page."""
    failed = [
        f"{e.report_id} {e.task_id}: {e.reason}"
        for e in found
        if isinstance(e, DeliveryFailed) and e.reason != _NOBODY
    ]
    refused = [f"{e.device}: {e.reason}" for e in found if isinstance(e, DeliveryRefused) if e.reason != _ENDED]
    accepted = sum(isinstance(e, DeliveryAccepted) for e in found)
    wrong = [
        *failed,
        *refused,
        *([f"{shown} × 显示 shown > {accepted} × 接收 accepted"] if shown > accepted else []),
    ]
    return Finding("每条任务与通知都到了设备上", "every task and notice reached a device", accepted, tuple(wrong))


def radio_finding(found: Collection[Event], pressed: int) -> Finding:
    answered = sum(isinstance(e, DeliveryAnswered) and e.channel == "radio" for e in found)
    wrong = () if answered == pressed else (f"{pressed} × 按键 pressed, {answered} × 答复 answers",)
    return Finding("手持机上按的键都成了答复", "every key on a handheld became an answer", pressed, wrong)


def planned_finding(
    planned: Iterable[Event], found: Iterable[Event], names: Mapping[str, str], held: Held
) -> Finding:
    """The plan counts unless the machine was held up for longer than the evening leaves room for.

    It knows no devices: where notify found nobody to ring, the ladder went on at once, and only the next line,
    which hears of that, can say whether its steps are right.
    """
    found = list(found)
    alone = {e.task_id for e in found if isinstance(e, DeliveryFailed) and e.reason == _NOBODY}
    wanted, there = (without_ladders(called_for(events), alone) for events in (planned, found))
    wrong = [_said(d, names) for d in differences(wanted, there)]
    excuse = "机器迟延过大,与计划的出入以下一条为准 · the machine was held up; the next line counts"
    return Finding(
        "按剧本推演,每个任务、通知、上报恰有一次",
        "every task, notice and rung that the rules call for on the evening's file, once",
        wanted.total(),
        tuple(wrong),
        excuse if held.too_long else "",
    )


def happened_finding(
    happened: Sequence[Iterable[Event]], found: Iterable[Event], names: Mapping[str, str]
) -> Finding:
    """`happened`: one play for each legal order of what came at nearly the same time; a report is right by any."""
    there, plays = by_report(called_for(found)), [by_report(called_for(play)) for play in happened]
    wrong: list[str] = []
    for report in sorted(there.keys() | plays[0].keys()):
        apart = [differences(play.get(report, Counter()), there.get(report, Counter())) for play in plays]
        if all(apart):
            wrong += [_said(d, names) for d in min(apart, key=len)]
    return Finding(
        "按实际所言推演,每个任务、通知、上报恰有一次",
        "every task, notice and rung that the rules call for on what people truly said, once",
        sum(calls.total() for calls in plays[0].values()),
        tuple(wrong),
    )


def _said(difference: Difference, names: Mapping[str, str]) -> str:
    one = difference.called
    what = f"{one.what} {one.name} {one.role} {one.task_id.removeprefix(one.report_id + '.')}"
    name = names.get(one.report_id, one.report_id)
    return f"[{name}] {what}: 应 wanted {difference.wanted}, 有 found {difference.found}"
