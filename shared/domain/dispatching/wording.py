"""The words that go out: a playbook's text with the place filled in, never cut (PLAYBOOKS 0.6, 15).

No name, phone or illness is ever filled in (SOP S10).
"""

from shared.contracts.event import Words
from shared.domain.dispatching.state import Task, place_of
from shared.domain.dispatching.work import Work
from shared.domain.drill_mark import as_drill
from shared.domain.estates.places import on_air

LONGEST_PLACE = 12
CENTRE = Words(zh="客服中心", en="CENTRE")
SOME_GATE = Words(zh="门岗", en="GATE")
SOMETHING = Words(zh="事件", en="EVENT")
_NAMES = ("{place}", "{standby}", "{gate}", "{kind}")


def fill(work: Work, words: Words, spoke: Task | None = None, *, drill: bool | None = None) -> Words:
    """`spoke`: the task whose post the words name as the gate. A drill says so first, unless told otherwise."""
    zh, en = words.zh, words.en
    for name in _NAMES:
        if name in zh or name in en:
            value = _value(work, name, spoke)
            zh, en = zh.replace(name, value.zh), en.replace(name, value.en)
    filled = Words(zh=zh, en=en)
    return as_drill(filled) if (work.is_drill if drill is None else drill) else filled


def _value(work: Work, name: str, spoke: Task | None) -> Words:
    if name == "{gate}":
        return gate(work, spoke)
    return {"{place}": place, "{standby}": standby, "{kind}": kind}[name](work)


def place(work: Work) -> Words:
    """Without a short name that a pager can carry, both languages send people to the desk."""
    return on_air(work.world.estate, place_of(work.state), work.report.get("place_short"))


def standby(work: Work) -> Words:
    """Where the two guards wait, as the shift leader recorded it (SOP S3.1.1); the patient's home by default."""
    return CENTRE if work.state["kept"].get("standby") == "service_centre" else place(work)


def gate(work: Work, spoke: Task | None) -> Words:
    """The post that reported the ambulance, by its name in the estate's file."""
    post = next((p for p in work.world.estate.posts if spoke and p.id == spoke.get("post")), None)
    if not post:
        return SOME_GATE
    en = post.id.upper().replace("-", " ")
    return Words(
        zh=post.zh if len(post.zh) <= LONGEST_PLACE else SOME_GATE.zh,
        en=en if len(en) <= LONGEST_PLACE else SOME_GATE.en,
    )


def kind(work: Work) -> Words:
    return work.world.playbooks.kinds.get(work.report.get("kind") or "", SOMETHING)
