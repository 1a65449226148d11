"""The evening on a terminal: a line for what matters as it comes, and underneath how it stands."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.demoing.watching import Seen
from cli.estates_words import ROLE_ZH
from shared.contracts.escalations import GradePromoted, LimitPassed, ReportUnassigned, RungReached, RungSkipped
from shared.contracts.event import Addressee, Event
from shared.contracts.ids import parse_report_id, parse_task_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed, DrillStopped, ReportJoined
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReplyRefused, ReportClosed, TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn
from shared.contracts.vocabulary import LADDERS
from shared.domain.estates.roster import Estate

CLOCK_ZH = {"ack": "应答", "arrive": "到场", "finish": "完成"}
CATEGORY_ZH = {
    "medical": "急救", "repair": "报修", "complaint": "投诉", "inquiry": "咨询",
    "security": "治安", "disaster": "灾害", "general": "其他",
}  # fmt: skip
PROMOTED_ZH = {"households": "三户同因 three households", "open_a_month": "满一月未结 open for a month"}
STATE_ZH = {
    "done": "办结", "withdrawn": "撤回", "followed": "转办", "linked": "并入",
    "written_up": "补录", "drill_stopped": "演习中止",
}  # fmt: skip
WIDE = 160
_OVERDUE_SHOWN = 6


class Screen:
    """Knows what it was told, and no more; `titles` say what each report of the evening shows."""

    def __init__(self, estates: Sequence[Estate], titles: dict[str, str]) -> None:
        self.console = _console()
        self._estates = {estate.estate: estate for estate in estates}
        self._titles, self._zone = titles, ZoneInfo(estates[0].time_zone)
        self.counts: Counter[str] = Counter()
        self._open: set[str] = set()
        self._overdue: dict[str, str] = {}

    @contextmanager
    def live(self, now: Callable[[], datetime]) -> Iterator[None]:
        """The lower part moves only on a terminal; elsewhere lines alone are written."""
        shown = Live(get_renderable=lambda: self._state(now()), console=self.console, refresh_per_second=4)
        with shown if self.console.is_terminal else nullcontext():
            yield

    def say(self, text: str) -> None:
        self.console.print(Text(text))

    def seen(self, seen: Seen) -> None:
        """Counts, and writes a line for what a newcomer wants to follow."""
        event = seen.event
        if isinstance(event, DeadlinePassed):
            return
        self.counts[event.type] += 1
        self._follow(event)
        if line := self._line(event):
            mark, words, style = line
            at = f"{event.accepted_at.astimezone(self._zone):%H:%M:%S}"
            self.console.print(Text(f"{at} {mark} {self._about(event)} {words}", style=style))

    def paged(self, pager: str, text: str) -> None:
        """An emergency's page, as the pager shows it."""
        self.counts["page"] += 1
        self.console.print(Text(f"         📟 {pager} {text}", style="dim"))

    def radioed(self, estate: str, post: str, text: str) -> None:
        """What a handheld shows."""
        self.counts["radio"] += 1
        name = next((p.zh for p in self._estates[estate].posts if p.id == post), post)
        self.console.print(Text(f"         📻 {name} {text}", style="bold"))

    def pressed(self, post: str, key: str) -> None:
        self.console.print(Text(f"         📻 {post} ⌨ {key}", style="bold green"))

    def refused(self, at: datetime, what: str, status: int, wanted: int) -> None:
        """A request that the door did not take."""
        said = f"{status}" if status == wanted else f"{status}, 应为 wanted {wanted}"
        words = f"{at.astimezone(self._zone):%H:%M:%S} ✋ 拒收 refused [{said}] {what}"
        self.console.print(Text(words, style="yellow" if status == wanted else "bold red"))

    def _follow(self, event: Event) -> None:
        if isinstance(event, TaskAssigned):
            self._open.add(event.task_id)
        if isinstance(event, TaskEnded | TaskWithdrawn):
            self._open.discard(event.task_id)
            for clock in CLOCK_ZH:
                self._overdue.pop(f"{event.task_id} {clock}", None)
        if isinstance(event, RungReached):
            self._overdue[f"{event.task_id} {event.clock}"] = self._rung(event)

    def _line(self, event: Event) -> tuple[str, str, str] | None:
        if isinstance(event, ReportFiled):
            kind = CATEGORY_ZH.get(event.category, event.category)
            return "☎ 报事", f"{kind} {event.place or '地点不详'} “{event.text[:24]}”", "bold cyan"
        if isinstance(event, TaskAssigned):
            return "→ 派单", f"{self._to(event.to, event.estate_id)}:{event.words.zh}", ""
        if isinstance(event, NoticeIssued):
            return "✉ 通知", f"{self._to(event.to, event.estate_id)}:{event.words.zh}", "dim"
        if isinstance(event, LimitPassed):
            return "⏰ 超时", f"{_step(event.task_id)} 未按时{CLOCK_ZH[event.clock]} overdue", "red"
        if isinstance(event, RungReached):
            return "⬆ 上报", self._rung(event), "magenta"
        if isinstance(event, RungSkipped):
            why = "无人在岗 nobody" if event.why == "nobody" else "已问过 already asked"
            return "⤼ 跳过", f"{_step(event.task_id)} {ROLE_ZH[event.role]}: {why}", "magenta"
        return _plain_line(event)

    def _rung(self, event: RungReached) -> str:
        of = len(LADDERS[event.role]) + event.rung
        again = f", 第{event.turn}次 again" if event.turn > 1 else ""
        where = f"第{event.rung + 1}/{of}级 rung"
        return f"{_step(event.task_id)} 未{CLOCK_ZH[event.clock]} → {ROLE_ZH[event.role]} ({where}{again})"

    def _about(self, event: Event) -> str:
        estate = self._estates.get(event.estate_id)
        name = estate.zh if estate else event.estate_id
        if not event.report_id:
            return name
        return f"{name} [{self._titles.get(event.report_id, parse_report_id(event.report_id).hex[:6])}]"

    def _to(self, to: Addressee, estate_id: str) -> str:
        """Role and post, never a person's name (SOP S10)."""
        estate = self._estates.get(estate_id)
        post = next((p.zh for p in estate.posts if p.id == to.post), "") if estate else ""
        role = ROLE_ZH[to.role]
        return f"{role}@{post}" if post else role if to.person else f"{role}(空岗)"

    def _state(self, now: datetime) -> Group:
        table = Table.grid(padding=(0, 3))
        figures = {
            "报事 reports": self.counts["report.filed"],
            "任务 tasks": self.counts["task.assigned"],
            "未完 open": len(self._open),
            "通知 notices": self.counts["notice.issued"],
            "上报 rungs": self.counts["rung.reached"],
        }
        table.add_row(f"{now.astimezone(self._zone):%Y-%m-%d %H:%M:%S}", *(f"{n} {v}" for n, v in figures.items()))
        overdue = [Text(f"  ⏰ {line}", style="red") for line in list(self._overdue.values())[-_OVERDUE_SHOWN:]]
        return Group(Text("─" * 60, style="dim"), table, *overdue)


def _plain_line(event: Event) -> tuple[str, str, str] | None:
    if isinstance(event, ReportUnassigned):
        return "⚠ 无任务", "急事三十秒无人派单 emergency without a task", "bold red"
    if isinstance(event, ReplyRefused):
        return "✋ 不予采纳", event.words.zh, "yellow"
    if isinstance(event, ReportClosed):
        return "✔ 办结", f"{STATE_ZH.get(event.why, event.why)} {event.why}", "green"
    if isinstance(event, GradePromoted):
        return "⬆ 升级", f"升为重大 promoted: {PROMOTED_ZH.get(event.why, event.why)}", "bold magenta"
    if isinstance(event, ReportJoined):
        return "⧉ 并入", f"{event.household or ''} 的来电并入本件 a caller joined", "dim"
    if isinstance(event, DrillStopped):
        return "■ 演习", "让路于真实急事 gives way to a real emergency", "bold yellow"
    if isinstance(event, TaskChanged) and event.what == "handed_over":
        return "⇄ 交班", f"{_step(event.task_id)} 点名移交 handed over by name", "yellow"
    return None


def _step(task_id: str) -> str:
    found = parse_task_id(task_id)
    return f"{found.step}.{found.n}"


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=WIDE)
