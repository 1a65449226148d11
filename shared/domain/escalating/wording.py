"""Escalation's own words: the task's words behind a mark, or a plain sentence with the place now known.

37 Chinese and 77 ASCII characters leave room for the answer code; a drill's mark stands in the task's words already
(PLAYBOOKS 0.6.15).
"""

from typing import Any

from shared.contracts.event import Words
from shared.domain.drill_mark import as_drill
from shared.domain.escalating.state import BEFORE_ALL, Task
from shared.domain.estates.places import on_air
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rules import State, World

LONGEST_ZH, LONGEST_EN = 37, 77
SILENT_NOTICE = "device_or_rung_silent"
MARKS: dict[str, Words] = {
    "ack": Words(zh="无人应答:", en="UNHEARD: "),
    "arrive": Words(zh="超时未到:", en="NOT THERE: "),
    "finish": Words(zh="超时未完:", en="OVERDUE: "),
    "ask": Words(zh="请报进展:", en="REPORT: "),
    "informed": Words(zh="已转上级:", en="PASSED UP: "),
}
PLAIN: dict[str, Words] = {
    "ack": Words(zh="{place}任务无人应答,请接手", en="UNANSWERED {place}. Please take it."),
    "arrive": Words(zh="{place}任务超时未到场,请督促", en="NOT THERE IN TIME {place}. See to it."),
    "finish": Words(zh="{place}任务超时未完成,请督促", en="OVERDUE {place}. See to it."),
    "ask": Words(zh="{place}任务请报进展", en="{place}: report how it goes."),
    "informed": Words(zh="{place}任务已转上级,仍请应答", en="PASSED UP {place}. Answer all the same."),
}
UNASSIGNED = Words(zh="{place}急事无人派单,请即处理", en="NOBODY SENT {place}. Act now.")


def place_of(state: State, estate: Estate) -> Words:
    """Only what the estate's file knows goes on the air, whole or not at all (SOP S10)."""
    place: dict[str, Any] = state.get("place") or {}
    return on_air(estate, place.get("zh"), place.get("short"))


def unassigned_words(state: State, estate: Estate) -> Words:
    return _placed(state, estate, UNASSIGNED, bool(state["filed"]["drill"]))


def task_words(state: State, task: Task, what: str, world: World) -> Words:
    """The task's own words, unless they would not fit or the place was corrected after they were written."""
    mark, said = MARKS[what], task["assigned"]
    plain = _placed(state, world.estate, _plain(task, what, world.playbooks), bool(said["drill"]))
    if state.get("place", {}).get("order", BEFORE_ALL) > said["order"]:
        return plain
    zh, en = mark.zh + said["zh"], mark.en + said["en"]
    return Words(zh=zh if len(zh) <= LONGEST_ZH else plain.zh, en=en if len(en) <= LONGEST_EN else plain.en)


def _plain(task: Task, what: str, playbooks: Playbooks) -> Words:
    playbook = playbooks.by_category.get(task["assigned"]["playbook"])
    notice = playbook.notices.get(SILENT_NOTICE) if playbook and what == "ack" else None
    return notice.words if notice else PLAIN[what]


def _placed(state: State, estate: Estate, words: Words, drill: bool) -> Words:
    """A drill says so first, as the task's own words do already."""
    place = place_of(state, estate)
    placed = Words(zh=words.zh.replace("{place}", place.zh), en=words.en.replace("{place}", place.en))
    return as_drill(placed) if drill else placed
