"""SOP S10: every message of every playbook through what every channel can carry, and a look at what comes out.

The words are those that the real rules of dispatch and escalation fill in while a walk goes through each playbook.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args

import pytest

from services.notify.channels.table import CHANNELS
from shared.contracts.event import Fact, Words
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import TaskAssigned
from shared.contracts.vocabulary import Category
from shared.domain.drill_mark import DRILL
from shared.domain.estates.devices import Device
from shared.domain.notifying.break_glass import notices
from shared.domain.notifying.can import Can
from shared.domain.notifying.wording import SEE_SYSTEM, coded, fits_joined, is_airworthy, joined, text_for
from tests.domain.evenings import Evening, playbooks
from tests.domain.walking.cases import everybody
from tests.domain.walking.walk import Walk
from tests.support.events import a_report
from tests.support.playbook_coverage import Coverage

CATEGORIES = get_args(Category)
ESTATE = everybody()
# Shorter than the classes' own limits nothing is sold; longer is no matter.
NARROW = {
    "pager": Can("accepted", 80, "ascii", True, True),
    "radio": Can("delivered", 80, "any", True, True),
    "handset": Can("delivered", 70, "any", True, False, ascii_length=160),
}
PRIVATE = ("王大力", "13800138000", "心梗", "heart attack", "138 0013 8000")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def cans() -> dict[str, Can]:
    """Of every kind with its own defaults where it has them, and of the narrowest of each class."""
    found = dict(NARROW)
    for kind, channel in CHANNELS.items():
        needed = {name for name, field in channel.takes.model_fields.items() if field.is_required()}
        found[kind] = channel.can(channel.takes.model_construct(**dict.fromkeys(needed, "x")))
    return found


def _most(can: Can, text: str) -> int:
    return can.ascii_length if can.ascii_length and text.isascii() else can.length


def device(language: str | None = None) -> Device:
    return Device.model_validate(
        {"id": "d", "channel": "c", "address": "a", "post": "gate-south", "language": language}
    )


class _Listening(Coverage):
    def __init__(self) -> None:
        super().__init__()
        self.said: set[tuple[str, str, bool]] = set()

    def see(self, facts: Iterable[Fact]) -> None:
        facts = list(facts)
        self.said |= {
            (f.words.zh, f.words.en, f.drill) for f in facts if isinstance(f, TaskAssigned | NoticeIssued)
        }
        super().see(facts)


@cache
def words_of(category: Category) -> frozenset[tuple[str, str, bool]]:
    walk = Walk(category)
    walk.seen = listening = _Listening()
    walk.run()
    return frozenset(listening.said)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_message_goes_whole_over_every_channel_and_says_nothing_private(category: Category) -> None:
    said = words_of(category)
    assert len(said) > 10
    for name, can in cans().items():
        for zh, en, drill in said:
            for language in (None, "en"):
                text = text_for(Words(zh=zh, en=en), device(language), can, ESTATE, "27", drill)
                assert len(text) <= _most(can, text), (name, text)
                assert text.startswith("27 ") and not _CONTROL.search(text), (name, text)
                assert can.charset == "any" or text.isascii(), (name, text)
                assert not can.open or is_airworthy(text, ESTATE), (name, text)
                assert SEE_SYSTEM.zh not in text and SEE_SYSTEM.en not in text, (name, zh, en)


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_a_resident_adds_never_reaches_the_air(category: Category) -> None:
    """A place with a name, a number and an illness in it: as the rules fill it in, on each class of channel."""
    private = "3栋1单元1201 王大力家 心梗 13800138000 heart attack"
    fields: dict[str, Any] = {
        "patient_place": private,
        "place": private,
        "text": private,
        "place_short": "B3-1-1201",
    }
    evening = Evening(category, ESTATE, **fields)
    facts = [*evening.file().play.facts, *evening.later(seconds=120)]
    said = [f for f in facts if isinstance(f, TaskAssigned | NoticeIssued)]
    assert said
    for fact in said:
        for can in cans().values():
            text = text_for(fact.words, device(), can, ESTATE, "27", fact.drill)
            assert not any(word in text for word in PRIVATE), text


@pytest.mark.parametrize("bad", [*PRIVATE, "120将到姓名1家", "患者癌症"])
def test_the_last_look_keeps_private_words_off_open_channels_alone(bad: str) -> None:
    words = Words(zh=f"去3栋 {bad}", en=f"GO B3 {bad}" if bad.isascii() else "GO B3")
    over_radio = text_for(words, device(), NARROW["radio"], _with_a_name(), "27", False)
    assert over_radio == coded(SEE_SYSTEM.zh, "27") or bad == "王大力"
    assert text_for(words, device(), NARROW["handset"], _with_a_name(), "27", False) == coded(words.zh, "27")


def _with_a_name() -> Any:
    person = ESTATE.people[0].model_copy(update={"name": "王大力"})
    return ESTATE.model_copy(update={"people": (*ESTATE.people, person)})


def test_a_name_of_the_roster_is_kept_off_the_air() -> None:
    words = Words(zh="王大力去3栋", en="GO B3")
    assert "王大力" not in text_for(words, device(), NARROW["radio"], _with_a_name(), None, False)


@pytest.mark.parametrize("place", ["B12-3-1201", "B3-12-1201", "12-3-1201", "B10-1-2802"])
def test_a_room_is_no_telephone_number(place: str) -> None:
    words = Words(zh=f"120将到{place}", en=f"AMBULANCE to {place}.")
    for can in NARROW.values():
        assert place in text_for(words, device(), can, ESTATE, "27", False)


@pytest.mark.parametrize("number", ["13800138000", "138-0013-8000", "138 0013 8000", "6666-8888", "021-6666 8888"])
def test_a_telephone_number_is_kept_off_the_air_however_it_is_grouped(number: str) -> None:
    words = Words(zh=f"3栋,电话{number}", en=f"B3, phone {number}")
    for name in ("pager", "radio"):
        assert number not in text_for(words, device(), NARROW[name], ESTATE, "27", False)


def test_what_does_not_fit_is_not_cut_but_sent_to_the_system() -> None:
    words = Words(zh="很长" * 50, en="LONG " * 20)
    for can in NARROW.values():
        assert text_for(words, device(), can, ESTATE, "27", False) in (
            coded(SEE_SYSTEM.zh, "27"),
            coded(SEE_SYSTEM.en, "27"),
        )


def test_a_drill_says_so_even_when_its_words_do_not_fit() -> None:
    text = text_for(
        Words(zh="演习:" + "长" * 90, en="DRILL " + "x" * 90), device(), NARROW["radio"], ESTATE, None, True
    )
    assert text.startswith(DRILL.zh)


def test_no_line_break_and_no_control_character_goes_out() -> None:
    words = Words(zh="一\r\n二\x00三", en="ONE\r\nTWO\x00THREE")
    for can in NARROW.values():
        assert not _CONTROL.search(text_for(words, device(), can, ESTATE, "27", False))


def test_joined_notices_fit_and_are_whole() -> None:
    several = [Words(zh="报修已登记", en="REPAIR IN"), Words(zh="投诉已登记", en="COMPLAINT IN")]
    assert joined(several, device(), NARROW["pager"]) == "REPAIR IN / COMPLAINT IN"
    assert fits_joined(several, device(), NARROW["pager"], ESTATE)
    assert not fits_joined(several * 5, device(), NARROW["pager"], ESTATE)


@pytest.mark.parametrize("category", [c for c in CATEGORIES if c not in ("complaint", "inquiry")])
def test_break_glass_says_place_and_kind_alone(category: Category) -> None:
    kind = {"repair": "gas", "general": "danger"}.get(category)
    place = "3栋1单元1201 王大力 心梗"
    report = a_report(category, estate=ESTATE.estate, kind=kind, place=place, place_short="B3-1-1201")
    for notice in notices(report, ESTATE, playbooks().kinds, report.accepted_at):
        assert "B3-1-1201" in notice.words.zh and "B3-1-1201" in notice.words.en
        for can in NARROW.values():
            text = text_for(notice.words, device(), can, ESTATE, None, False)
            assert "B3-1-1201" in text and not any(word in text for word in PRIVATE)
