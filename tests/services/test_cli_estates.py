"""`baoshi estates` as a newcomer uses it, on a real MongoDB."""

import json
import socket
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.language import language
from cli.main import build

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "estates"
LANTING, XINGHE = str(EXAMPLES / "lanting.toml"), str(EXAMPLES / "xinghe.toml")
SMALL = """
estate = "xiaoyuan"
zh = "小园"
en = "Small Yard"
working_days = true

[[buildings]]
id = "b1"
zh = "1栋"
short = "B1"

[[people]]
id = "lin"
name = "林"

[[shifts]]
persons = ["lin"]
roles = ["management_director"]
start = 08:00:00
end = 20:00:00
"""


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, *words: str) -> None:
        result = CliRunner().invoke(build(), ["estates", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture
def installed(stack, names, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("BAOSHI_MONGO", stack.mongo_uri)
    monkeypatch.setenv("BAOSHI_MONGO_DATABASE", names.database)


@pytest.mark.stack
def test_a_repeated_apply_changes_nothing_and_says_so(installed: None) -> None:
    first = Said("apply", LANTING, XINGHE, "--lang", "zh")
    assert first.code == 0 and "lanting 兰亭花园:新增(第 1 版)" in first.out
    assert "注意:部门负责人 cleaning 无人在岗 每天 23:00–06:00" in first.out
    again = Said("apply", LANTING, XINGHE, "--lang", "en")
    assert again.code == 0 and "xinghe Xinghe Court: unchanged (revision 1)" in again.out
    heads, *listed = [line.split() for line in Said("list", "--lang", "zh").out.splitlines()]
    assert [line[:2] for line in listed] == [["lanting", "兰亭花园"], ["xinghe", "星河苑"]]
    assert heads[0] == "代码" and heads[-1] == "七日内缺岗"


@pytest.mark.stack
def test_list_tells_programs_all_of_an_estate_in_figures(installed: None, tmp_path: Path) -> None:
    """The director alone is there, and not at night: every other role is a gap."""
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    warned = [line for line in Said("apply", str(file), "--lang", "en").out.splitlines() if "nobody is" in line]
    Said("keys", "add", "xiaoyuan", "--role", "guard", "--id", "phones")
    (listed,) = json.loads(Said("list", "--json").out)
    assert datetime.fromisoformat(listed.pop("applied_at")).tzinfo is not None
    assert listed == {
        **{"estate": "xiaoyuan", "zh": "小园", "en": "Small Yard", "time_zone": "Asia/Shanghai"},
        **{"buildings": 1, "posts": 0, "people": 1, "keys": 1},
        **{"working_days": True, "revision": 1, "gaps": len(warned)},
    }
    assert warned
    line = Said("list", "--lang", "en").out.splitlines()[1]
    assert line.rstrip().endswith(str(len(warned))) and "Small Yard" in line and "working days" in line


@pytest.mark.stack
def test_a_mistake_in_one_file_applies_none(installed: None, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        Path(XINGHE).read_text(encoding="utf-8").replace('"gate_guard"', '"captain"', 1), encoding="utf-8"
    )
    said = Said("apply", LANTING, str(wrong), str(tmp_path / "missing.toml"), "--lang", "zh")
    assert said.code == 1
    assert f"{wrong}:15: posts#3.role: 没有这个角色:'captain'" in said.err
    assert "missing.toml: 读不了" in said.err and "什么都没有应用" in said.err
    assert Said("list").out == ""


@pytest.mark.stack
@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            ("show", "xinghe", "--at", "2026-11-20T19:00", "--lang", "zh"),
            (
                "时间 2026-11-20 19:00 +0800",
                "当班班长 (无人)",
                "客户助理 洪波@监控中心",
                "部门负责人(工程部) 丁宝财",
            ),
        ),
        (
            ("show", "xinghe", "--at", "2026-11-20T09:59+00:00", "--lang", "en"),
            ("At 2026-11-20 17:59 +0800", "shift_leader tao-jinsong", "gate_guard nie-shan@gate-south"),
        ),
    ],
)
def test_show_says_who_holds_what_at_that_instant(
    installed: None, words: tuple[str, ...], lines: tuple[str, ...]
) -> None:
    Said("apply", XINGHE)
    said = Said(*words)
    printed = [" ".join(line.split()) for line in said.out.splitlines()]
    assert said.code == 0 and set(lines) <= set(printed)


@pytest.mark.stack
def test_a_keys_secret_is_printed_once_and_alone(installed: None) -> None:
    Said("apply", XINGHE)
    added = Said("keys", "add", "xinghe", "--role", "guard", "--role", "gate_guard", "--id", "phones")
    secret = added.out.strip()
    assert added.code == 0 and len(secret) >= 40 and " " not in secret and secret not in added.err
    assert secret not in Said("show", "xinghe").out
    assert Said("keys", "remove", "xinghe", "phones").code == 0


@pytest.mark.stack
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("show", "nowhere"), "没有小区 nowhere"),
        (("keys", "add", "nowhere", "--role", "guard"), "没有小区 nowhere"),
        (("keys", "add", "xinghe", "--role", "captain"), "没有这个角色:captain"),
        (("keys", "remove", "xinghe", "none"), "没有后加的密钥 none"),
        (("show", "xinghe", "--at", "tomorrow"), "不是 ISO 时间"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(installed: None, words: tuple[str, ...], reason: str) -> None:
    Said("apply", XINGHE)
    said = Said(*words, "--lang", "zh")
    assert said.code == 1 and reason in said.err


def test_without_mongodb_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv(
            "BAOSHI_MONGO", f"mongodb://user:hidden@127.0.0.1:{free.getsockname()[1]}/?replicaSet=rs0"
        )
        said = Said("list", "--lang", "en")
    assert said.code == 1 and "make up" in said.err and "hidden" not in said.err


@pytest.mark.parametrize(
    ("environment", "chosen", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, None, "zh"),
        ({"LANG": "C.UTF-8"}, None, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, None, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "en", "en"),
        ({}, None, "en"),
    ],
)
def test_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], chosen: None, expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language(chosen) == expected


def test_a_channel_that_could_not_be_used_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    text = Path(XINGHE).read_text(encoding="utf-8")
    file.write_text(text.replace('kind = "snpp"', 'kind = "smoke"'), encoding="utf-8")
    done = CliRunner().invoke(build(), ["estates", "check", str(file), "--lang", "en"])
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if 'kind = "snpp"' in row)
    assert done.exit_code == 1 and f"bad.toml:{line}: channels#1.kind: smoke" in done.output


def test_an_option_that_a_channel_does_not_take_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    text = Path(XINGHE).read_text(encoding="utf-8")
    file.write_text(text.replace("port = 4444", 'port = "loud"'), encoding="utf-8")
    done = CliRunner().invoke(build(), ["estates", "check", str(file), "--lang", "en"])
    assert done.exit_code == 1 and "channels#1.options.port" in done.output
