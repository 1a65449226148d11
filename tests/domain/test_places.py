"""From what people call a place to the short name on a pager."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.estates.places import LONGEST_SHORT, on_air, place_short
from shared.domain.estates.roster import Building, Estate, Place

NUMBERED = tuple(Building(id=f"b{n}", zh=f"{n}栋", short=f"B{n}") for n in (1, 3, 9, 12))
ESTATE = Estate(
    estate="tiny",
    zh="小院",
    en="Tiny",
    buildings=(
        *NUMBERED,
        Building(id="club", zh="会所", short="CLUB"),
        Building(id="block-a", zh="A座", short="BLK-A"),
    ),
    places=(
        Place(zh="南门", short="GATE-S", building="b1", also=("正门",)),
        Place(zh="9栋2单元电梯", short="LIFT-9-2", building="b9"),
        Place(zh="花园", short="GARDEN"),
        Place(zh="花园凉亭", short="PAVILION"),
    ),
)


@pytest.mark.parametrize(
    ("text", "building", "short"),
    [
        ("3栋1单元1201", "b3", "B3-1-1201"),
        ("3栋1201", "b3", "B3-1201"),
        ("3号楼1单元1201室", "b3", "B3-1-1201"),
        ("3号1201室", "b3", "B3-1201"),
        ("3#1201", "b3", "B3-1201"),
        ("3幢一单元302", "b3", "B3-1-302"),
        ("三栋2单元1201", "b3", "B3-2-1201"),
        ("十二号楼", "b12", "B12"),
        ("3栋1单元1201", "b3", "B3-1-1201"),
        (" 3 栋 1 单元 1201 ", "b3", "B3-1-1201"),
        ("3-1-1201", "b3", "B3-1-1201"),
        ("3-1201室", "b3", "B3-1201"),
        ("3栋1-1201", "b3", "B3-1-1201"),
        ("我家在3栋1单元1201,快来", "b3", "B3-1-1201"),
        ("3栋1单元12楼", "b3", "B3-1-12F"),
        ("3栋1单元12楼1201", "b3", "B3-1-1201"),
        ("3栋", "b3", "B3"),
        ("3栋3单元", "b3", "B3-3"),
        ("a座1203b", "block-a", "BLK-A-1203B"),
        ("会所二楼", "club", "CLUB-2F"),
        ("3栋13800138000", "b3", "B3"),
        ("9栋1单元电梯", "b9", "B9-1-LIFT"),
        ("9栋2单元电梯", "b9", "LIFT-9-2"),
        ("南门", "b1", "GATE-S"),
        ("我在南门附近", "b1", "GATE-S"),
        ("正门,有人晕倒", "b1", "GATE-S"),
        ("花园", None, "GARDEN"),
        ("花园凉亭", None, "PAVILION"),
    ],
)
def test_known_places(text: str, building: str | None, short: str) -> None:
    assert place_short(ESTATE, text) == (building, short)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "西南门",
        "地铁站南门",
        "南门和北门",
        "99栋",
        "13栋1201",
        "三十三栋",
        "3单元301",
        "1201",
        "门口",
        "3栋和9栋之间",
    ],
)
def test_what_may_mean_something_else_is_unknown(text: str) -> None:
    assert place_short(ESTATE, text) == (None, None)


def test_a_name_that_does_not_fit_is_not_cut() -> None:
    assert place_short(ESTATE, "A座12单元1203") == ("block-a", None)


@given(st.text(alphabet="0123456789栋单元号楼室层座幢#-一二三十A南门电梯 ,1", max_size=24) | st.text(max_size=40))
def test_never_an_error_and_always_fit_for_a_pager(text: str) -> None:
    building, short = place_short(ESTATE, text)
    assert building is None or building in {b.id for b in ESTATE.buildings}
    assert short is None or (short.isascii() and short.isprintable() and 0 < len(short) <= LONGEST_SHORT)


@given(
    building=st.sampled_from(NUMBERED),
    unit=st.integers(1, 9),
    floor=st.integers(1, 33),
    flat=st.integers(1, 8),
)
def test_every_room_of_an_estate_has_its_own_short(building: Building, unit: int, floor: int, flat: int) -> None:
    room = f"{floor}{flat:02d}"
    assert place_short(ESTATE, f"{building.zh}{unit}单元{room}") == (building.id, f"{building.short}-{unit}-{room}")


def test_one_text_in_two_estates_is_read_by_each_ones_file() -> None:
    other = ESTATE.model_copy(update={"buildings": ESTATE.buildings[:1], "places": ()})
    for _ in range(2):
        assert [place_short(e, "南门")[1] for e in (ESTATE, other)] == ["GATE-S", None]
        assert [on_air(e, "南门", "GATE-S").zh for e in (ESTATE, other)] == ["南门", "GATE-S"]
