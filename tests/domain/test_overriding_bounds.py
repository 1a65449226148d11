"""How far an estate may go: no duration beyond a year, no emergency put off, nobody fewer by the back door."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.estates.loading import EstateMistakes, read_estate
from shared.domain.playbooks.format import Limit, Playbooks, Waits, read_duration
from shared.domain.playbooks.grading_checks import FEWEST_HOUSEHOLDS, MAY_LOWER
from shared.domain.playbooks.loading import PACKAGED, load_playbooks
from shared.domain.playbooks.loosening import is_fixed
from shared.domain.playbooks.mistakes import PlaybookMistake
from shared.domain.playbooks.override_checks import override_mistakes
from shared.domain.playbooks.overriding import overridden
from shared.domain.playbooks.own_rows import Override, OwnWaits
from shared.domain.playbooks.putting_off import left_out, put_off


def row(**said: Any) -> Override:
    return Override.model_validate({"playbook": "medical", **said})


def waits(*values: str, role: str = "guard", lane: str = "emergency") -> OwnWaits:
    return OwnWaits.model_validate({"role": role, "lane": lane, "waits": values})


def limit(clock: str, value: object, **more: object) -> dict[str, object]:
    return {"clock": clock, "value": value, **more}


def finish(value: object, **more: object) -> list[dict[str, object]]:
    return [limit("finish", value, **more)]


def fields(*rows: Override, own: tuple[OwnWaits, ...] = ()) -> list[str]:
    return [one.field for one in override_mistakes(load_playbooks(), rows, own)]


# ---- durations -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["367d", "9999999d", "999999999999999999d", "-367d", f"{'9' * 5000}s", "²d"])
def test_a_duration_of_more_than_a_year_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError):
        read_duration(text)


def test_a_year_is_and_a_longer_one_is_told_the_way_out() -> None:
    assert read_duration("366d") == timedelta(days=366) == -read_duration("-366d")
    with pytest.raises(ValueError, match="366d at most"):
        read_duration("9999999d")
    with pytest.raises(ValueError, match="366d at most"):
        read_duration(timedelta(days=400))


def test_too_long_is_a_mistake_of_the_row_in_estates_and_in_playbooks(tmp_path: Any) -> None:
    assert fields(row(step="place_two", limits=finish("999999999999d"))) == ["limits.1"]
    assert fields(row(grading={"without_place_after": "9999999d"})) == ["grading"]
    promotion = {"after": "9999999d", "households": 3}
    assert fields(row(playbook="complaint", grading={"promotion": promotion})) == ["grading"]
    head = 'estate = "tiny"\nzh = "小院"\nen = "Tiny"\n[[waits]]\nrole = "guard"\nlane = "emergency"\n'
    with pytest.raises(EstateMistakes, match=r"tiny.toml:7: waits#1.waits"):
        read_estate(head + 'waits = ["99999999999d"]\n', "tiny.toml")
    for path in PACKAGED.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        text = text.replace('without_place_after = "3m"', 'without_place_after = "367d"')
        if path.name != "digests.toml":
            (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(PlaybookMistake, match="366d at most"):
        load_playbooks(tmp_path)


# ---- an emergency is not put off -------------------------------------------------------


@pytest.mark.parametrize(
    "limits",
    [
        finish("31m"),
        [limit("ack", "11m"), limit("finish", "20m")],
        [limit("ack", "29d"), limit("finish", "30d")],
        finish({"emergency": "31m"}, by="lane"),
        finish({"yes": "5m", "no": "31m"}, by="on_duty"),
        finish("31m", after="close"),
        [*finish("5m", field="appointment_at"), *finish("5m")],
        [*finish("5m", field="appointment_at", at_most="31m"), *finish("5m")],
        finish("5m", repeat="11m"),
        [limit("arrive", "31m")],
    ],
)
def test_a_limit_of_an_emergency_is_not_put_off(limits: list[dict[str, object]]) -> None:
    own = row(step="place_two", limits=limits)
    assert "limits" in fields(own)
    packaged = load_playbooks().of("medical")
    assert overridden(packaged, (own,)) == packaged


@pytest.mark.parametrize(
    ("category", "step", "limits"),
    [
        ("medical", "place_two", finish("30m")),
        ("medical", "place_two", [limit("ack", "2m"), *finish("4m")]),
        ("medical", "vehicle", [*finish("30m", after="start"), *finish("3m")]),
        ("medical", "return_visit", finish("9d", after="close")),
        ("medical", "carry_out", [*finish("20m", field="arranged_until"), *finish("3h")]),
        ("medical", "nurse", [*finish("10m", field="care_until", at_most="6h"), *finish("1h")]),
        ("security", "supervisor_scene", [limit("arrive", {"yes": "12m", "no": "45m"}, by="on_duty")]),
        ("general", "help", finish({"emergency": "3h", "routine": "60d"}, by="lane")),
        ("complaint", "first_answer", finish("60d", after="report")),
    ],
)
def test_as_far_as_three_times_the_playbooks_or_the_floor(
    category: str, step: str, limits: list[dict[str, object]]
) -> None:
    assert fields(row(playbook=category, step=step, limits=limits)) == []


@pytest.mark.parametrize(
    ("category", "step", "limits"),
    [
        ("medical", "return_visit", finish("10d", after="close")),
        ("medical", "nurse", [*finish("10m", field="care_until", at_most="7h"), *finish("1h")]),
        ("medical", "nurse", [*finish("10m", field="care_until"), *finish("1h")]),
        ("medical", "carry_out", [*finish("31m", field="arranged_until"), *finish("1h")]),
        ("security", "supervisor_scene", [limit("arrive", "31m")]),
        ("general", "help", finish("4h")),
        ("general", "help", finish({"emergency": "4h", "routine": "1d"}, by="lane")),
    ],
)
def test_not_farther(category: str, step: str, limits: list[dict[str, object]]) -> None:
    assert "limits" in fields(row(playbook=category, step=step, limits=limits))


def test_what_may_be_said_is_told() -> None:
    (wrong,) = override_mistakes(load_playbooks(), (row(step="place_two", limits=finish("31m")),))
    assert "30m" in wrong.words.en and "30m" in wrong.words.zh and 'by = "lane"' not in wrong.words.en
    (wrong,) = override_mistakes(load_playbooks(), (row(playbook="general", step="help", limits=finish("4h")),))
    assert "3h" in wrong.words.en and 'by = "lane"' in wrong.words.en and 'by = "lane"' in wrong.words.zh


@pytest.mark.parametrize(
    ("category", "step", "limits"),
    [
        ("medical", "place_two", finish({"routine": "5m"}, by="lane")),
        ("medical", "place_two", finish({}, by="lane")),
        ("medical", "place_two", finish("5m", after="step:vehicle")),
        ("medical", "place_two", finish("5m", field="appointment_at", at_most="5m")),
        ("medical", "place_two", finish({"yes": "5m"}, by="on_duty")),
        ("medical", "nurse", finish("10m", field="care_until", at_most="2h")),
        ("general", "help", finish({"emergency": "1h"}, by="lane")),
        ("complaint", "first_answer", finish({"emergency": "1h"}, by="lane")),
    ],
)
def test_a_clock_of_the_playbook_is_not_taken_away(
    category: str, step: str, limits: list[dict[str, object]]
) -> None:
    assert "limits" in fields(row(playbook=category, step=step, limits=limits))


def test_every_packaged_limit_is_as_far_as_it_goes_itself() -> None:
    for book in load_playbooks().by_category.values():
        for step in book.steps.values():
            for clock in dict.fromkeys(one.clock for one in step.limits):
                rows = tuple(one for one in step.limits if one.clock == clock)
                assert put_off(rows, rows) is None, step.id
                assert not any(left_out(rows, rows, lane) for lane in ("emergency", "routine")), step.id


def a(value: object, **more: object) -> Limit:
    return Limit.model_validate({"clock": "finish", "value": value, "src": "own", **more})


COLOURS = {"red": "10m", "blue": "4h"}


@pytest.mark.parametrize(
    ("own", "is_put_off"),
    [
        (a(COLOURS, by="field:colour"), False),
        (a({"red": "31m", "blue": "4h"}, by="field:colour"), True),
        (a({"red": "10m", "blue": "13h"}, by="field:colour"), True),
        (a("31m"), True),
        (a("30m"), False),
    ],
)
def test_word_by_word_and_else_by_the_shortest(own: Limit, is_put_off: bool) -> None:
    assert (put_off((a(COLOURS, by="field:colour"),), (own,)) is not None) == is_put_off


# ---- the source and the government ------------------------------------------------------


@pytest.mark.parametrize("src", ["S", "G", "S: x", "own; S 及时", "S及时", "F/G", "own from S", "S+own", "own;G"])
def test_a_mark_of_the_source_anywhere_counts(src: str) -> None:
    assert is_fixed(src)


@pytest.mark.parametrize("src", ["own", "F: 5 min", "own: check TSG T5002", "F; pass on within 30 s", "own (S4.1)"])
def test_words_that_are_no_mark_do_not(src: str) -> None:
    assert not is_fixed(src)


def test_a_row_that_rests_on_the_source_in_part_is_never_longer() -> None:
    assert fields(row(step="call_120", limits=finish("91s"))) == ["limits"]
    assert fields(row(step="call_120", limits=finish("60s"))) == []


# ---- people -----------------------------------------------------------------------------


def test_each_is_no_way_to_fewer_people_and_a_count_has_an_end() -> None:
    assert fields(row(step="stand_by", count="each")) == ["count"]
    assert fields(row(step="vehicle", count="each")) == []
    assert fields(row(step="stand_by", count=21)) == ["count"]
    assert fields(row(step="stand_by", count=20)) == []


# ---- grading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grading", "field"),
    [
        ({"without_place_after": "-5m"}, "grading.without_place_after"),
        ({"promotion": {"after": "-3d", "households": 3}}, "grading.promotion"),
        ({"promotion": {"after": "0s", "households": 3}}, "grading.promotion"),
        ({"promotion": {"after": "3d", "households": FEWEST_HOUSEHOLDS - 1}}, "grading.promotion"),
        ({"lowered_by": ["service_head", "guard"]}, "grading.lowered_by"),
    ],
)
def test_grading_that_cannot_be(grading: dict[str, Any], field: str) -> None:
    (wrong,) = override_mistakes(load_playbooks(), (row(grading=grading),))
    assert wrong.field == field and wrong.words.zh != wrong.words.en


def test_heads_may_lower_a_grade() -> None:
    assert fields(row(grading={"lowered_by": sorted(MAY_LOWER)})) == []


# ---- waits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "is_refused"),
    [
        (waits("10m"), False),
        (waits("30s", "30s", "11m"), True),
        (waits("30d"), True),
        (waits("30d", lane="routine"), False),
    ],
)
def test_waits_of_an_emergency_are_not_put_off(own: OwnWaits, is_refused: bool) -> None:
    assert fields(own=(own,)) == (["waits"] if is_refused else [])


def _fixed(lane: str, *values: str) -> Playbooks:
    fixed = Waits.model_validate({"role": "guard", "lane": lane, "waits": values, "src": "own; S"})
    return load_playbooks().model_copy(update={"waits": (fixed,)})


@pytest.mark.parametrize(
    ("books", "own", "is_longer"),
    [
        (_fixed("emergency", "60s", "30s"), waits("60s"), True),
        (_fixed("emergency", "60s", "30s"), waits("60s", "30s"), False),
        (_fixed("emergency", "60s"), waits("60s", "61s"), True),
        (_fixed("emergency", "60s"), waits("10m", lane="routine"), True),
        (_fixed("emergency", "60s"), waits("10m", role="shift_leader"), False),
    ],
)
def test_fixed_waits_are_never_longer_on_any_rung(books: Playbooks, own: OwnWaits, is_longer: bool) -> None:
    found = [one for one in override_mistakes(books, (), (own,)) if "never longer" in one.words.en]
    assert bool(found) == is_longer
