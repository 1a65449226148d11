"""A rehearsal in a terminal: what it comes to, and each report's two sides."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.language import Language
from services.register.rehearsal_words import CAUSES, STATUSES, addressed, difference, said_words, subject

Plain = dict[str, Any]
_STYLES = {
    "earlier": "green",
    "later": "red",
    "somebody_else": "yellow",
    "only_then": "magenta",
    "only_now": "cyan",
}


def summary(found: Plain, said: Language) -> Text:
    """Of real reports first, of drills where there are any; what is not foretold is said each time."""
    times = f"{found['from']:%Y-%m-%d %H:%M} – {found['to']:%Y-%m-%d %H:%M} UTC"
    text = Text.assemble((times, "bold"), "\n", _line(found["real"], said, ("报事", "reports")))
    if found["drills"]["reports"]:
        text.append("\n" + _line(found["drills"], said, ("演习", "drills")))
    if found["written_up"]:
        text.append(
            {
                "zh": f"\n补录 {found['written_up']} 宗,不预演",
                "en": f"\nwritten up: {found['written_up']}, not rehearsed",
            }[said]
        )
    zh = "\n答复按记录的时间计;人会答得快些还是慢些,不作预测"
    en = "\nAnswers count when they were given; whether people would have answered sooner is not foretold"
    text.append({"zh": zh, "en": en}[said], "dim")
    return text


def _line(total: Plain, said: Language, names: tuple[str, str]) -> str:
    at = 0 if said == "zh" else 1
    told = [f"{STATUSES[name][at]} {count}" for name, count in total["told"].items() if count]
    heads = (
        ("与记录相同", "无处可答或不受理", "措辞不同")
        if said == "zh"
        else ("alike", "answers that fit nothing", "reworded")
    )
    counted = [
        f"{heads[0]} {total['alike']}",
        *told,
        f"{heads[1]} {total['unfit']}",
        f"{heads[2]} {total['reworded']}",
    ]
    return f"{names[at]} {total['reports']}: " + " · ".join(counted)


def head(one: Plain, said: Language) -> Text:
    """The report, its playbook's version then and now, and how far it can be trusted."""
    versions = (
        f"v{one['version_then']} → v{one['version_now']}" if one["version_then"] != one["version_now"] else ""
    )
    drill = {"zh": "演习", "en": "DRILL"}[said] if one["drill"] else ""
    line = " ".join(filter(None, ("\n" + one["filed_clock"], one["report_id"], versions, drill)))
    return Text.assemble((line, "bold"), "  ", *((f"{mark} ", "yellow") for mark in _marks(one, said)))


def _marks(one: Plain, said: Language) -> Iterator[str]:
    if one["faithful"] is not True:
        yield {
            "zh": "按当时的规则重演也与记录不符,差别未必出于改动",
            "en": "its own rules do not give the record either",
        }[said]
    if one["stopped_clock"]:
        yield {"zh": f"过长,截至 {one['stopped_clock']}", "en": f"too long, cut at {one['stopped_clock']}"}[said]


def table(one: Plain, said: Language, *, whole: bool) -> Table:
    heads = {
        "zh": ("当时", "改动后", "差别", "谁", "何事", "内容"),
        "en": ("then", "now", "", "who", "what", "words"),
    }[said]
    made = Table(box=None, pad_edge=False, header_style="dim")
    for name in heads:
        made.add_column(name, overflow="fold", no_wrap=name != heads[-1])
    for row in one["rows"]:
        if whole or row["status"] != "same" or row["reworded"]:
            made.add_row(*map(Text, _cells(row, said)), style=_STYLES.get(row["status"], ""))
    for unfit in one["unfit"]:
        who = addressed(unfit, said)
        made.add_row(
            unfit["clock"],
            "—",
            "✗",
            who,
            f"{unfit['said']} {unfit['task'] or ''}",
            unfit["words"][said],
            style="red",
        )
    if one["left_out"]:
        made.add_row("…", "…", str(one["left_out"]))
    return made


def _cells(row: Plain, said: Language) -> tuple[str, ...]:
    then, now = row["then"], row["now"]
    told = now or then
    who = addressed(told, said)
    if row["status"] == "somebody_else":
        who = f"{addressed(then, said)} → {who}"
    at = 0 if said == "zh" else 1
    what = f"{CAUSES[told['cause']][at]} {subject(told, said)}"
    return (
        then["clock"] if then else "—",
        now["clock"] if now else "—",
        difference(row, said),
        who,
        what,
        said_words(row, said),
    )


def notes(found: Plain, said: Language) -> Iterator[Text]:
    """What a reader has to know of the whole."""
    if found["changed_since"]:
        codes = "、".join(found["changed_since"])
        zh = f"小区文件在此期间之后改过,只有最新的一份可用:{codes}"
        en = f"Estates' files were applied after this time began; only the newest is kept: {codes}"
        yield Text({"zh": zh, "en": en}[said], "yellow")
    if found["not_shown"]:
        zh, en = f"另有 {found['not_shown']} 宗未列出", f"{found['not_shown']} more are not listed"
        yield Text({"zh": zh, "en": en}[said], "dim")
