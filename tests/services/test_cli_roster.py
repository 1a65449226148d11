"""`baoshi roster`: who holds what at any instant, and the gaps of a week, on a real MongoDB."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from cli.estates_words import gap_lines, holders_table, several_roles
from cli.main import build
from shared.domain.estates.coverage import gaps
from shared.domain.estates.loading import read_estate
from shared.domain.estates.roster import Estate

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "estates"
LANTING, XINGHE = str(EXAMPLES / "lanting.toml"), str(EXAMPLES / "xinghe.toml")


def example(name: str) -> Estate:
    return read_estate((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"), name)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, *words: str) -> None:
        result = CliRunner().invoke(build(), list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr
        self.lines = [" ".join(line.split()) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("now", "role", "zh", "en"),
    [
        (
            "2026-11-20 12:00",
            "customer_assistant",
            "客户助理 林晓雯@客户服务中心, 徐曼@客户服务中心(代唐佳)",
            "customer_assistant lin-xiaowen@desk, xu-man@desk (for tang-jia)",
        ),
        (
            "2026-11-23 20:00",
            "gate_guard",
            "门岗护卫队员 莫小东@南门岗(代万力), 万力@北门岗(代莫小东), 方舟@东门岗",
            "gate_guard mo-xiaodong@gate-south (for wan-li), wan-li@gate-north (for mo-xiaodong), "
            "fang-zhou@gate-east",
        ),
    ],
)
def test_a_line_says_who_is_there_and_in_whose_place(now: str, role: str, zh: str, en: str) -> None:
    for said, expected in (("zh", zh), ("en", en)):
        _, line = holders_table(example("lanting"), at(now), said, [role])  # type: ignore[arg-type, list-item]
        assert " ".join(line.split()) == expected


def test_several_roles_of_one_person_are_said() -> None:
    xinghe = example("xinghe")
    assert list(several_roles(xinghe, at("2026-11-20 20:00"), "zh")) == [
        "  一人多岗:洪波 客户助理、监控中心",
        "  一人多岗:丁宝财 部门负责人、工程部",
    ]
    assert "  several roles: lei-zhengang security_supervisor, shift_leader" in list(
        several_roles(xinghe, at("2026-11-20 09:30"), "en")
    )
    assert list(several_roles(xinghe, at("2026-11-20 20:00"), "en", ("engineering", "guard"))) == [
        "  several roles: ding-shifu department_head, engineering"
    ]


def test_gaps_name_role_post_day_and_hours() -> None:
    lanting = example("lanting")
    ill = {"person": "fang-zhou", "start": at("2026-11-20 20:00"), "end": at("2026-11-22 00:00")}
    estate = Estate.model_validate(lanting.model_dump() | {"absences": [ill]})
    found = gaps(estate, at("2026-11-16 00:00").date())
    assert list(gap_lines(estate, found, "zh")) == [
        "注意:部门负责人 cleaning 无人在岗 每天 23:00–06:00",
        "注意:东门岗(门岗护卫队员) 无人在岗 11-20(周五) 20:00–23:00",
        "注意:东门岗(门岗护卫队员) 无人在岗 11-21(周六) 06:00–23:00",
    ]
    assert "note: nobody is at gate-east (gate_guard) Fri 11-20 20:00–23:00" in gap_lines(estate, found, "en")


@pytest.fixture
def installed(stack, names, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("BAOSHI_MONGO", stack.mongo_uri)
    monkeypatch.setenv("BAOSHI_MONGO_DATABASE", names.database)
    assert Said("estates", "apply", LANTING, XINGHE).code == 0


@pytest.mark.stack
def test_show_and_gaps_read_the_directory(installed: None) -> None:
    shown = Said("roster", "show", "--at", "2026-11-20T19:00", "--lang", "zh")
    assert shown.code == 0
    assert {"lanting 兰亭花园", "xinghe 星河苑", "当班班长 潘海波", "当班班长 (无人)"} <= set(shown.lines)
    one = Said(
        "roster", "show", "--estate", "lanting", "--role", "guard", "--at", "2026-11-20T10:30Z", "--lang", "en"
    )
    assert one.lines[:2] == ["lanting Lanting Garden", "At 2026-11-20 18:30 +0800"]
    assert [line.split()[0] for line in one.lines[2:]] == ["guard"]
    found = Said("roster", "gaps", "--from", "2026-11-16", "--lang", "en")
    assert found.lines == [
        "lanting Lanting Garden · 2026-11-16 – 2026-11-22",
        "note: nobody is department_head cleaning daily 23:00–06:00",
        "xinghe Xinghe Court · 2026-11-16 – 2026-11-22",
        "note: nobody is shift_leader Fri 11-20 18:00–00:00",
    ]
    week = Said("roster", "gaps", "--estate", "xinghe", "--from", "2026-11-23", "--lang", "zh")
    assert week.lines == ["xinghe 星河苑 · 2026-11-23 – 2026-11-29", "没有空岗"]
    assert Said("roster", "show").code == 0 and Said("roster", "gaps").code == 0


@pytest.mark.stack
@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("show", "--estate", "nowhere"), "没有小区 nowhere", "no estate nowhere"),
        (("gaps", "--estate", "nowhere"), "没有小区 nowhere", "no estate nowhere"),
        (("show", "--role", "captain"), "没有这个角色:captain", "unknown role captain"),
        (("show", "--at", "tomorrow"), "不是 ISO 时间:tomorrow", "no ISO time: tomorrow"),
        (("show", "--at", "0001-01-01"), "不是 ISO 时间", "no ISO time"),
        (("gaps", "--from", "20th"), "不是日期(YYYY-MM-DD):20th", "no date (YYYY-MM-DD): 20th"),
        (("gaps", "--from", "9999-12-31"), "不是日期", "no date"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(installed: None, words: tuple[str, ...], zh: str, en: str) -> None:
    for language, reason in (("zh", zh), ("en", en)):
        said = Said("roster", *words, "--lang", language)
        assert said.code == 1 and reason in said.err
