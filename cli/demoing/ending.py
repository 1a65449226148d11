"""What the demo prints when the evening is over: the register, the figures, memory, and the check."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.demoing.checking import Finding, Held
from cli.demoing.screen import CATEGORY_ZH
from cli.estates_words import ROLE_ZH

STATE_ZH = {
    "filed": "已报", "open": "办理中", "closed": "办结", "withdrawn": "撤回", "followed": "转办", "linked": "并入",
    "drill_stopped": "演习中止",
}  # fmt: skip
MARKS = {(False, True): ("✔", "green", 0), (True, True): ("≈", "yellow", 8), (True, False): ("✘", "bold red", 200)}
"""By whether something is wrong and whether it holds all the same; and how much of it is shown."""
_MIB = 1024 * 1024
LIMIT_MIB = 2048
WIDE = 120
Line = Mapping[str, Any]
COUNTED = (
    ("report.filed", "报事 reports"),
    ("task.assigned", "任务 tasks"),
    ("notice.issued", "通知 notices"),
    ("limit.passed", "超时 limits passed"),
    ("rung.reached", "上报 rungs reached"),
    ("rung.skipped", "跳过 rungs skipped"),
)


def register_table(lines: Sequence[Mapping[str, Any]], zone: ZoneInfo, width: int) -> Table:
    """The register's main columns, as many as the terminal has room for; phone and reporter stay at the window."""
    table = Table(
        title="《报事报修登记表》 Register of the evening", title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0)
    )
    columns = COLUMNS if width >= WIDE else [c for c in COLUMNS if c[0] not in ("内容", "派往", "应答", "到场")]
    for name, _ in columns:
        table.add_column(name, no_wrap=True)
    for line in lines:
        table.add_row(*(read(line, zone) for _, read in columns))
    return table


def _class(line: Line, zone: ZoneInfo) -> str:
    about = line["class"]
    return str(CATEGORY_ZH.get(about["category"], about["category"])) + (
        "!" if about.get("grade") == "major" else ""
    )


def _sent_to(line: Line, zone: ZoneInfo) -> str:
    return _short("、".join(dict.fromkeys(ROLE_ZH[d["to"]["role"]] for d in line["dispatched"])), 14)


def _state(line: Line, zone: ZoneInfo) -> str:
    return str(STATE_ZH.get(line["state"], line["state"])) + (" 逾期" if line.get("late") else "")


COLUMNS: Sequence[tuple[str, Callable[[Line, ZoneInfo], str]]] = (
    ("编号 No.", lambda line, zone: line["no"] or ""),
    ("接报", lambda line, zone: _time(line["received_at"], zone)),
    ("小区", lambda line, zone: line["estate"]),
    ("类别", _class),
    ("地点", lambda line, zone: _short(line["place"], 10)),
    ("内容", lambda line, zone: _short(line["content"], 12)),
    ("派往", _sent_to),
    ("应答", lambda line, zone: _time(line["accepted_at"], zone)),
    ("到场", lambda line, zone: _time(line["arrived_at"], zone)),
    ("完成", lambda line, zone: _time(line["finished_at"], zone)),
    ("状态", _state),
)


def figure_lines(counts: Counter[str], to_task_ms: Sequence[float], held: Held) -> list[str]:
    """Counts as the register has them; times in real milliseconds between the broker's stamps."""
    figures = "  ".join(f"{name} {counts[kind]}" for kind, name in COUNTED)
    ordered = sorted(to_task_ms)
    times = "—"
    if ordered:
        times = f"p50 {_quantile(ordered, 0.5):.0f} ms  p99 {_quantile(ordered, 0.99):.0f} ms (真实时间 real time)"
    names = ("答复 answers", "决定 decisions", "时限 deadlines")
    late = "  ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in zip(names, held, strict=True))
    return [figures, f"报事→首个任务 report→task: {times}", f"最大迟延 latest: {late}"]


def memory_lines(memory: Mapping[str, int]) -> list[str]:
    """PSS: shared pages counted once, so that the sum is what the machine gives up."""
    parts = "  ".join(f"{name} {size / _MIB:.0f}" for name, size in sorted(memory.items()))
    total = sum(memory.values()) / _MIB
    return [f"内存 memory (PSS, MiB): {parts}", f"合计 total {total:.0f} MiB / {LIMIT_MIB} MiB"]


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Every sentence with how many things were looked at, and each difference."""
    for finding in findings:
        mark, style, most = MARKS[bool(finding.wrong), finding.holds]
        console.print(Text(f"{mark} {finding.zh} · {finding.en} ({finding.checked})", style=style))
        if finding.wrong and finding.excused:
            console.print(Text(f"    {finding.excused}", style="yellow"))
        for line in finding.wrong[:most]:
            console.print(Text(f"    {line}", style=style))
        if len(finding.wrong) > most:
            console.print(Text(f"    … {len(finding.wrong) - most}", style=style))


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _time(text: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(zone):%H:%M:%S}" if text else ""


def _short(text: str | None, most: int) -> str:
    said = (text or "").replace("\n", " ")
    return said if len(said) <= most else said[: most - 1] + "…"
