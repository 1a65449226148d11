"""`baoshi rehearse` on a real MongoDB: an evening in the register's log, through changed files."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import rehearse
from shared.platform.mongo import Database, connect, database
from shared.platform.settings import Settings
from tests.domain.evenings import Evening
from tests.support.rehearsals import FROM, OTHER_LEADER, TO, a_folder, an_evening_in, broken, sooner
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
ASKED = ("rehearse", "--from", FROM.isoformat(), "--to", TO.isoformat())


@pytest.fixture
async def settings(stack: StackAddress, names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    values = {"mongo": stack.mongo_uri, "mongo_database": names.database, "state_dir": str(tmp_path)}
    for name, value in values.items():
        monkeypatch.setenv(f"BAOSHI_{name.upper()}", value)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    return Settings()


@pytest.fixture
async def evening(settings: Settings) -> Evening:
    """An ambulance, a drill of the same, and one report written up; in the log as the register writes it."""
    async with connect(settings) as client:
        mongo = database(client, settings)
        return await an_evening_in(mongo)


async def run(*arguments: str) -> tuple[int, str]:
    """In a thread of its own, since a command runs a loop of its own."""
    made = typer.Typer()
    made.callback()(lambda: None)
    rehearse.mount(made)
    result = await asyncio.to_thread(CliRunner().invoke, made, list(arguments))
    return result.exit_code, result.output


async def test_without_a_change_all_is_as_it_happened(evening: Evening) -> None:
    code, output = await run(*ASKED, "--json")
    found = json.loads(output)
    assert code == 0
    assert (found["real"]["reports"], found["real"]["alike"], found["drills"]["alike"]) == (1, 1, 1)
    assert (found["written_up"], found["real"]["unfaithful"], found["real"]["unfit"]) == (1, 0, 0)
    assert found["real"]["told"]["same"] > 20
    code, output = await run(*ASKED)
    assert code == 0 and "alike 1" in output and "hold_lift" not in output
    assert "hold_lift" in (await run(*ASKED, "--all"))[1]


async def test_a_changed_folder_is_shown_beside_what_happened(evening: Evening, tmp_path: Path) -> None:
    changed = ("--playbooks", str(a_folder(tmp_path, "medical.toml", sooner())), "--report", evening.report_id)
    code, output = await run(*ASKED, *changed)
    assert code == 0 and evening.report_id in output
    assert "03-07 03:00:13" in output and "earlier -18s" in output and "Shift leader" in output
    code, chinese = await run(*ASKED, *changed, "--lang", "zh")
    assert code == 0 and "提前 -18秒" in chinese and "当班班长" in chinese
    found = json.loads((await run(*ASKED, *changed, "--json"))[1])
    assert found["drills"]["reports"] == 0 and found["real"]["told"]["earlier"] > 0


async def test_a_changed_roster_tells_another_person(evening: Evening, tmp_path: Path) -> None:
    file = tmp_path / "estate.toml"
    file.write_text(OTHER_LEADER, encoding="utf-8")
    code, output = await run(*ASKED, "--estate", str(file))
    assert code == 0 and "somebody else" in output and "leader-9" in output


async def test_what_cannot_be_rehearsed_is_said(
    evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = a_folder(tmp_path, "medical.toml", broken())
    strange = tmp_path / "strange.toml"
    strange.write_text(OTHER_LEADER.replace('"qinghe"', '"nowhere"'), encoding="utf-8")
    for arguments, words in (
        (("--from", "2026-01-01"), "at most 31 days"),
        (("--from", "2026-03-08"), "from must be before to"),
        (("--from", "soon"), "no ISO time: soon"),
        (("--only", "nowhere"), "no estate nowhere"),
        (("--estate", str(strange)), "no estate nowhere"),
        (("--estate", str(tmp_path / "none.toml")), "cannot be read"),
        (("--playbooks", str(tmp_path / "none")), "no such folder"),
        (("--playbooks", str(wrong)), "unknown role 'doctor'"),
        (("--report", "emergency.medical.qinghe." + "f" * 32), "no such report"),
    ):
        code, output = await run(*ASKED, *arguments)
        assert code == 1 and words in output, (arguments, output)
    monkeypatch.setenv("BAOSHI_REHEARSAL_REPORTS", "2")
    code, output = await run(*ASKED)
    assert code == 1 and "more than 2 reports" in output


async def test_nothing_is_written(evening: Evening, settings: Settings, tmp_path: Path) -> None:
    async with connect(settings) as client:
        mongo = database(client, settings)
        before = await _all(mongo)
        await run(*ASKED, "--playbooks", str(a_folder(tmp_path, "medical.toml", sooner())))
        assert await _all(mongo) == before


async def _all(mongo: Database) -> dict[str, list[Any]]:
    return {
        name: await mongo[name].find().sort("_id").to_list() for name in sorted(await mongo.list_collection_names())
    }
