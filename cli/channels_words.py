"""What `baoshi channels` says, in both languages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cli.language import Language
from shared.domain.estates.roster import Estate

TEST_ENDS: dict[str, tuple[str, str]] = {
    "taken": ("✓ 渠道已接收(单向,无更多回执)", "✓ taken by its channel, which can say no more"),
    "delivered": ("✓ 已送达", "✓ delivered"),
    "answered": ("✓ 已回复", "✓ answered"),
    "accepted": ("✗ 渠道已接收,设备未回执", "✗ taken by its channel, no receipt of the device"),
    "refused": ("✗ 渠道拒收", "✗ refused by its channel"),
    "silent": ("✗ 无应答", "✗ silent"),
    "no_way": ("✗ 没有可用的渠道", "✗ no channel to it can be used"),
}
_COLUMNS = {
    "device": ("设备", "device"),
    "channel": ("渠道", "channel"),
    "whose": ("岗位/人员", "post or person"),
    "seen_at": ("最近应答", "last sign of life"),
    "tested_on": ("测试日", "tested on"),
    "state": ("状态", "state"),
}
_NEVER = ("从未", "never")
_LOST = ("失联", "lost")


def columns(said: Language) -> list[str]:
    return [words[0 if said == "zh" else 1] for words in _COLUMNS.values()]


def rows_of(estate: Estate, known: Mapping[str, dict[str, Any]], said: Language) -> Iterator[list[str]]:
    """No address: it may be somebody's phone number."""
    n = 0 if said == "zh" else 1
    for device in estate.devices:
        row = known.get(device.id, {})
        state = _LOST[n] if row.get("lost_at") else ""
        seen = _at(row.get("seen_at"), estate) or _NEVER[n]
        tested = row.get("tested_on") or _NEVER[n]
        yield [device.id, device.channel, device.post or device.person or "", seen, tested, state]


def _at(when: datetime | None, estate: Estate) -> str:
    return f"{when.astimezone(estate.zone):%Y-%m-%d %H:%M:%S}" if when else ""
