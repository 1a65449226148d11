"""Rooms however people write them, and the desk's list of households."""

import pytest

from shared.domain.estates.households import read_households
from shared.domain.estates.loading import EstateMistakes
from shared.domain.estates.rooms import Room, room_of, written
from shared.domain.estates.roster import Building, Estate

BUILDINGS = tuple(Building(id=f"b{n}", zh=f"{n}栋", short=f"B{n}") for n in (1, 9, 19))
ESTATE = Estate(estate="tiny", zh="小院", en="Tiny", buildings=BUILDINGS)
ROOM = Room("b9", "1", "402")


@pytest.mark.parametrize(
    "text", ["9-1-402", "9栋1单元402", "9栋 1单元 402室", "九号楼一单元402", "我在9栋1单元402,快来", "9-1-402"]
)
def test_one_room_in_many_writings(text: str) -> None:
    assert room_of(ESTATE, text) == ROOM


@pytest.mark.parametrize("text", [None, "", "9栋", "南门", "402", "19栋和9栋402", "88栋402"])
def test_what_names_no_room(text: str | None) -> None:
    assert room_of(ESTATE, text) is None


def test_a_unit_that_nobody_said_parts_no_door_from_its_history() -> None:
    unsaid = room_of(ESTATE, "9栋402室")
    assert unsaid == Room("b9", None, "402")
    assert unsaid.may_be(ROOM) and ROOM.may_be(unsaid)
    assert not ROOM.may_be(Room("b9", "2", "402"))
    assert not ROOM.may_be(Room("b19", "1", "402"))
    assert (written(ESTATE, ROOM), written(ESTATE, unsaid)) == ("9栋1单元402", "9栋402")


CSV = "房号,独居,慢性病,钥匙保管人\n9-1-402,是,冠心病,王芳 13800138000;客服中心 021-555 00001\n1栋101,,,\n"
TOML = """
[[households]]
room = "9栋1单元402"
alone = true
chronic = "冠心病"
key_holders = [{ name = "王芳", phone = "13800138000" }, { name = "客服中心", phone = "021-555 00001" }]
[[households]]
room = "1栋101"
"""


@pytest.mark.parametrize(("text", "form"), [(CSV, "csv"), (CSV.replace("\n", "\r"), "csv"), (TOML, "toml")])
def test_a_list_in_both_forms(text: str, form: str) -> None:
    (room, first), (_, second) = read_households(ESTATE, text, form, "f")  # type: ignore[arg-type]
    assert (room, first.alone, first.chronic) == (ROOM, True, "冠心病")
    assert [(h.name, h.phone) for h in first.key_holders] == [
        ("王芳", "13800138000"),
        ("客服中心", "021-555 00001"),
    ]
    assert (second.alone, second.key_holders) == (False, ())


MISTAKES = [
    ("独居\n是\n", "csv", 1, ""),
    ("房号,身份证\n1栋101,1\n", "csv", 1, ""),
    ("房号,独居\n1栋101,也许\n", "csv", 2, "alone"),
    ("房号,独居\n1栋101\n", "csv", 2, ""),
    ("房号\n南门\n", "csv", 2, "room"),
    ("房号\n1栋101\n1-101\n", "csv", 3, "room"),
    ("房号,钥匙保管人\n1栋101,13800138000\n", "csv", 2, "key_holders.0.name"),
    ('[[households]]\nroom = "1栋101"\nillness = "x"\n', "toml", 1, "illness"),
    ("households = 1", "toml", None, "households"),
    ("nonsense", "toml", None, ""),
    (f"房号,备注\n1栋101,{'x' * 200_000}\n", "csv", 2, ""),
]


@pytest.mark.parametrize(("text", "form", "line", "field"), MISTAKES)
def test_a_mistake_is_named_and_nothing_is_read(text: str, form: str, line: int | None, field: str) -> None:
    with pytest.raises(EstateMistakes) as wrong:
        read_households(ESTATE, text, form, "f")  # type: ignore[arg-type]
    assert [(m.line, m.field) for m in wrong.value.mistakes] == [(line, field)]
    assert "13800138000" not in str(wrong.value)
