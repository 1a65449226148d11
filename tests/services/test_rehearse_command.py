"""`baoshi rehearse` on a real MongoDB: an evening in the register's log, through changed files."""

import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import rehearse
from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.store import Store
from shared.contracts.history import FAMILY_OF, write_event
from shared.contracts.ids import parse_report_id
from shared.contracts.topics import topic_of
from shared.domain.playbooks.loading import PACKAGED
from shared.platform.directory import Directory
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import Database, connect, database
from shared.platform.records import Incoming, Taken
from shared.platform.settings import Settings
from tests.domain.evenings import HOME, START, Evening
from tests.domain.recording import Recorder, recorded
from tests.support.estate import an_estate
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
FROM, TO = START - timedelta(minutes=1), START + timedelta(minutes=5)
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
        await apply_estates(mongo, [an_estate()])
        found = [_played(), _played(2, drill=True), _played(3, written_up=True)]
        for one in found:
            await _log(mongo, one)
    return found[0]


def _played(number: int = 1, **fields: Any) -> Evening:
    evening = recorded(**HOME, help=("ambulance",), **fields)
    evening.count = number * 1000
    evening.report_id = f"{evening.report_id[:-32]}{number:032x}"
    evening.filed = evening._filing("medical", {**HOME, "help": ("ambulance",), **fields})
    evening.file()
    if not fields.get("written_up"):
        evening.later(seconds=8)
        evening.ack("call_120")
    evening.later(minutes=6)
    return evening


async def _log(mongo: Database, evening: Evening) -> None:
    assert isinstance(evening.play, Recorder)
    about, batch = parse_report_id(evening.report_id), []
    for n, (at, event) in enumerate(evening.play.log):
        topic = topic_of(FAMILY_OF[event.type], about.lane, about.category)
        batch.append(Taken(Incoming(topic, 3, n, event.key, write_event(event), {}, at), event))
    await Handlers(Store(mongo), Numbers(mongo, Directory(mongo))).on_batch(batch)


async def run(*arguments: str) -> tuple[int, str]:
    """In a thread of its own, since a command runs a loop of its own."""
    made = typer.Typer()
    made.callback()(lambda: None)
    rehearse.mount(made)
    result = await asyncio.to_thread(CliRunner().invoke, made, list(arguments))
    return result.exit_code, result.output


def a_folder(tmp_path: Path, file: str, old: str, new: str) -> Path:
    folder = tmp_path / "playbooks"
    shutil.copytree(PACKAGED, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def sooner(tmp_path: Path) -> Path:
    """Whoever keeps the lift is given 12 s instead of 30."""
    text = (PACKAGED / "medical.toml").read_text(encoding="utf-8")
    step = text[text.index('id = "hold_lift"') :]
    step = step[: step.index("outcomes.done")]
    return a_folder(
        tmp_path, "medical.toml", step, step.replace('clock = "ack", value = "30s"', 'clock = "ack", value = "12s"')
    )


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
    changed = ("--playbooks", str(sooner(tmp_path)), "--report", evening.report_id)
    code, output = await run(*ASKED, *changed)
    assert code == 0 and evening.report_id in output
    assert "03-07 03:00:13" in output and "earlier -18s" in output and "Shift leader" in output
    code, chinese = await run(*ASKED, *changed, "--lang", "zh")
    assert code == 0 and "提前 -18秒" in chinese and "当班班长" in chinese
    found = json.loads((await run(*ASKED, *changed, "--json"))[1])
    assert found["drills"]["reports"] == 0 and found["real"]["told"]["earlier"] > 0


async def test_a_changed_roster_tells_another_person(evening: Evening, tmp_path: Path) -> None:
    file = tmp_path / "estate.toml"
    file.write_text(ESTATE, encoding="utf-8")
    code, output = await run(*ASKED, "--estate", str(file))
    assert code == 0 and "somebody else" in output and "leader-9" in output


ESTATE = """
estate = "qinghe"
zh = "清河园"
en = "Qinghe Garden"
people = [{ id = "leader-9", name = "新班长" }, { id = "desk-1", name = "前台" }]
shifts = [
  { persons = ["leader-9"], roles = ["shift_leader"], start = 00:00:00, end = 00:00:00 },
  { persons = ["desk-1"], roles = ["customer_assistant"], start = 00:00:00, end = 00:00:00 },
]
"""


async def test_what_cannot_be_rehearsed_is_said(
    evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = a_folder(tmp_path, "medical.toml", 'role = "customer_assistant"', 'role = "doctor"')
    strange = tmp_path / "strange.toml"
    strange.write_text(ESTATE.replace('"qinghe"', '"nowhere"'), encoding="utf-8")
    for arguments, words in (
        (("--from", "2026-01-01"), "at most 31 days"),
        (("--from", "2026-03-08"), "from must be before to"),
        (("--from", "soon"), "no ISO time: soon"),
        (("--only", "nowhere"), "no estate nowhere"),
        (("--estate", str(strange)), "no estate nowhere"),
        (("--estate", str(tmp_path / "none.toml")), "cannot be read"),
        (("--playbooks", str(tmp_path / "none")), "no such folder"),
        (("--playbooks", str(broken)), "unknown role 'doctor'"),
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
        await run(*ASKED, "--playbooks", str(sooner(tmp_path)))
        assert await _all(mongo) == before


async def _all(mongo: Database) -> dict[str, list[Any]]:
    return {
        name: await mongo[name].find().sort("_id").to_list() for name in sorted(await mongo.list_collection_names())
    }
