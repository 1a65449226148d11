"""What has happened at two estates when the pages are looked at: of each class one, open, overdue, and done."""

from typing import Any, NamedTuple

from tests.support.installation import Installation

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}</textarea>'\"><b>急</b>"
"""What a resident may write, and no page may run or draw."""

_FILED: tuple[dict[str, Any], ...] = (
    {"category": "medical", "help": ["ambulance"], "place": "3栋1单元1201", "patient_phone": "13800138000"},
    {"category": "medical", "help": ["transport"], "place": "1栋2单元302", "text": "老人跌倒,清醒"},
    {"category": "repair", "kind": "lift_entrapment", "text": "电梯停了,里面三个人", "place": "3栋2单元电梯"},
    {"category": "repair", "urgency": "urgent", "text": "大堂水管爆了", "place": "3栋1单元", "reporter": "贺女士"},
    {"category": "repair", "urgency": "daily", "channel": "app", "text": "厨房龙头滴水", "place": "1栋1单元503"},
    {"category": "security", "kind": "theft", "text": "电动车电池被偷", "place": "3栋架空层"},
    {"category": "disaster", "kind": "fire", "text": "楼道冒烟", "place": "1栋1单元8楼"},
    {"category": "complaint", "text": "楼上半夜装修", "place": "3栋2单元702", "reporter": MARKUP[:40]},
    {"category": "inquiry", "text": "游泳池几点开?", "reporter": "林先生"},
    {"category": "inquiry", "channel": "written", "text": "请问明年物业费标准?"},
    {"category": "general", "text": f"请帮忙 {MARKUP}", "place": MARKUP[:40]},
)


class Evening(NamedTuple):
    """`emergency` nobody has answered; `closed` is done; `marked` is full of markup; `drill` is one."""

    emergency: str
    closed: str
    marked: str
    drill: str


async def an_evening(installation: Installation, *estates: str) -> Evening:
    """Filed at all, answered at the first one, of which the reports are told."""
    first, *others = estates
    filed = await _file(installation, first)
    for estate in others:
        await _file(installation, estate)
    drill = await installation.file("medical", estate=first, help=["ambulance"], place="1栋1单元101", drill=True)
    emergency, transport, lift, *_, closed, _, marked = filed
    await installation.complete(closed, "answer_now", "answered", "customer_assistant")
    task = await installation.seen(transport, "task.assigned", step="vehicle")
    await installation.reply(task["task_id"], "acknowledge", task["to"]["role"], task["to"]["person"])
    await installation.seen(closed, "report.closed")
    await installation.seen(emergency, "task.assigned")
    await installation.seen(lift, "task.assigned")
    return Evening(emergency, closed, marked, drill)


async def _file(installation: Installation, estate: str) -> list[str]:
    return [await installation.file(estate=estate, **fields) for fields in _FILED]
