"""`baoshi estates list`: one line an estate, or all of it for programs."""

from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.estates_words import gap_lines
from cli.language import Language
from shared.domain.estates.coverage import gaps
from shared.platform.estate_store import Stored

Listed = dict[str, Any]

_HEADS = {
    "estate": ("代码", "code"),
    "zh": ("名称", "name"),
    "en": ("英文名", "in English"),
    "time_zone": ("时区", "time zone"),
    "buildings": ("楼栋", "buildings"),
    "posts": ("岗位", "posts"),
    "people": ("人员", "people"),
    "keys": ("密钥", "keys"),
    "working_days": ("时限按", "counts"),
    "revision": ("版本", "revision"),
    "applied_at": ("应用时间", "applied at"),
    "gaps": ("七日内缺岗", "gaps in 7 days"),
}
_DAYS = {True: ("工作日", "working days"), False: ("自然日", "all days")}


def listed(stored: Stored, now: datetime) -> Listed:
    """What there is of an estate, in figures. `gaps`: the warnings that `estates apply` would give today."""
    estate = stored.estate
    found = gaps(estate, now.astimezone(estate.zone).date())
    return {
        **{name: getattr(estate, name) for name in ("estate", "zh", "en", "time_zone", "working_days")},
        **{name: len(getattr(estate, name)) for name in ("buildings", "posts", "people", "keys")},
        "revision": stored.revision,
        "applied_at": stored.applied_at,
        "gaps": len(list(gap_lines(estate, found, "en"))),
    }


def listing(estates: list[tuple[Stored, Listed]], said: Language) -> Table:
    """Times as the estate's own clock shows them."""
    place = 0 if said == "zh" else 1
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heads in _HEADS.values():
        table.add_column(heads[place], no_wrap=True)
    for stored, line in estates:
        applied = stored.applied_at
        shown = line | {
            "working_days": _DAYS[line["working_days"]][place],
            "applied_at": f"{applied.astimezone(stored.estate.zone):%Y-%m-%d %H:%M}" if applied else "",
            "gaps": line["gaps"] or "",
        }
        table.add_row(*(Text(str(shown[name]), "red" if name == "gaps" else "") for name in _HEADS))
    return table
