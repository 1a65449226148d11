"""An evening in the register's log, for whoever rehearses it: a call for an ambulance, a drill, one written up."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.store import Store
from shared.contracts.history import FAMILY_OF, write_event
from shared.contracts.ids import parse_report_id
from shared.contracts.topics import topic_of
from shared.domain.playbooks.loading import PACKAGED
from shared.platform.directory import Directory
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import Database
from shared.platform.records import Incoming, Taken
from tests.domain.evenings import HOME, START, Evening
from tests.domain.recording import Recorder, recorded
from tests.support.estate import an_estate

FROM, TO = START - timedelta(minutes=1), START + timedelta(minutes=5)
OTHER_LEADER = """
estate = "qinghe"
zh = "清河园"
en = "Qinghe Garden"
people = [{ id = "leader-9", name = "新班长" }, { id = "desk-1", name = "前台" }]
shifts = [
  { persons = ["leader-9"], roles = ["shift_leader"], start = 00:00:00, end = 00:00:00 },
  { persons = ["desk-1"], roles = ["customer_assistant"], start = 00:00:00, end = 00:00:00 },
]
"""


async def an_evening_in(mongo: Database) -> Evening:
    """The first of the three; all are in the log as the register writes it."""
    await apply_estates(mongo, [an_estate(), an_estate("duli")])
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


def a_folder(tmp_path: Path, file: str, text: str) -> Path:
    """The packaged playbooks with one file changed."""
    folder = tmp_path / "playbooks"
    shutil.copytree(PACKAGED, folder)
    (folder / file).write_text(text, encoding="utf-8")
    return folder


def sooner() -> str:
    """`medical.toml`, in which whoever keeps the lift is given 12 s instead of 30."""
    text = (PACKAGED / "medical.toml").read_text(encoding="utf-8")
    begin = text.index('id = "hold_lift"')
    place = text.index('clock = "ack", value = "30s"', begin)
    return text[:place] + text[place:].replace('"30s"', '"12s"', 1)


def broken() -> str:
    text = (PACKAGED / "medical.toml").read_text(encoding="utf-8")
    return text.replace('role = "customer_assistant"', 'role = "doctor"', 1)
