"""One rehearsal in a process of its own: `python -m services.register.rehearsal_worker`, JSON in, JSON out.

Playing is pure computing for up to a minute. In the register's own process, on a thread too, it would take the
interpreter from the stream that the board hangs on; here it gives way to everything, takes its memory with it when
it ends, and can be ended. It reads MongoDB and writes nothing.
"""

import asyncio
import contextlib
import math
import resource
import shutil
import sys
import tomllib
import traceback
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from pymongo.errors import PyMongoError

from services.register.rehearsal_settings import RehearsalSettings
from services.register.rehearsing import Change, Span, rehearsed
from shared.domain.estates.loading import EstateMistakes
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.loading import PACKAGED, load_playbooks
from shared.domain.playbooks.mistakes import PlaybookMistake
from shared.domain.rehearsal.drafts import read_drafts
from shared.platform.errors import Rejected
from shared.platform.estate_store import stored_estates
from shared.platform.logs import configure, log
from shared.platform.mongo import connect, database
from shared.platform.priority import give_way
from shared.platform.settings import Settings

_MB = 1024 * 1024
_TOO_MUCH = {"zh": "内容嵌套过深或过大,无法预演", "en": "Nested too deep or too large to be rehearsed"}


class Task(BaseModel):
    """What the page asks for. `playbooks`: texts of files that replace those of their name; `estate`: a file's."""

    estates: tuple[str, ...]
    since: datetime
    until: datetime
    report_id: str | None = None
    playbooks: tuple[str, ...] = ()
    estate: str = ""


class Unnamed(ValueError):
    """A text that says of itself neither which playbook it is, nor that it is the ladders."""


def main() -> None:
    """Ends with 1 on a fault; of that only its kind and place are logged, for events quote residents."""
    settings, limits = Settings(), RehearsalSettings()
    configure("rehearsal", None, settings.log_level)
    give_way()
    bound(limits)
    try:
        task = Task.model_validate_json(sys.stdin.buffer.read())
        sys.stdout.buffer.write(to_json(asyncio.run(answer(task, settings, limits))))
    except Exception as fault:
        last = traceback.extract_tb(fault.__traceback__)[-1]
        log.error("fault", error=type(fault).__name__, where=f"{Path(last.filename).name}:{last.lineno}")
        sys.exit(1)


def bound(limits: RehearsalSettings) -> None:
    """A few kilobytes of TOML can ask for all the memory there is; and who started this may be gone."""
    seconds, room = math.ceil(limits.seconds), limits.memory_mb * _MB
    # Not every system knows every bound.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (room, room))


async def answer(task: Task, settings: Settings, limits: RehearsalSettings) -> dict[str, Any]:
    """`found`, or `mistakes` of the files with their lines, or `refused` with words in both languages."""
    try:
        change = _change(task, settings.playbooks or PACKAGED)
    except (PlaybookMistake, Unnamed) as wrong:
        return {"mistakes": [{"zh": line, "en": line} for line in str(wrong).splitlines()]}
    except EstateMistakes as wrong:
        return {"mistakes": [{"zh": m.text("zh"), "en": m.text("en")} for m in wrong.mistakes]}
    except (RecursionError, MemoryError):
        return {"refused": _TOO_MUCH}
    try:
        return {"found": await _found(task, change, settings, limits)}
    except Rejected as refused:
        return {"refused": refused.words.model_dump()}
    except MemoryError:
        return {"refused": _TOO_MUCH}
    except PyMongoError:
        return {
            "refused": {"zh": "数据库暂时查不到,请稍后再试", "en": "The database does not answer, try again soon"}
        }


async def _found(task: Task, change: Change, settings: Settings, limits: RehearsalSettings) -> dict[str, Any]:
    async with connect(settings) as client:
        mongo = database(client, settings)
        stored = {s.estate.estate: s for s in await stored_estates(mongo) if s.estate.estate in task.estates}
        span = Span(tuple(stored), task.since, task.until, task.report_id)
        page = limits.model_copy(update={"shown": limits.page_shown, "rows": limits.page_rows})
        return await rehearsed(mongo, span, change, stored, page, limits.page_reports)


def _change(task: Task, folder: Path) -> Change:
    playbooks = load_playbooks(folder)
    tried = with_texts(folder, task.playbooks) if task.playbooks else playbooks
    estates = read_drafts({"estate.toml": task.estate}, tried) if task.estate else {}
    strange = sorted(set(estates) - set(task.estates))
    if strange:
        raise Unnamed(f"estate.toml: {strange[0]}: 不是所选的小区 · not the chosen estate")
    return Change(playbooks, tried, estates)


def with_texts(folder: Path, texts: tuple[str, ...]) -> Playbooks:
    """The folder with these files in the place of those of the same name, in a copy that is gone afterwards."""
    named = [(_file_of(text, folder), text) for text in texts]
    with TemporaryDirectory(prefix="baoshi-rehearsal-") as place:
        copy = Path(place) / "playbooks"
        shutil.copytree(folder, copy)
        for name, text in named:
            (copy / name).write_text(text, encoding="utf-8")
        return load_playbooks(copy, unrecorded=True)


def _file_of(text: str, folder: Path) -> str:
    """By what it says of itself; only names that stand in the folder, so that nothing is written elsewhere."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise Unnamed(f"不是有效的 TOML · no valid TOML: {broken}") from broken
    name = "ladders" if "waits" in content else content.get("playbook")
    known = sorted(path.stem for path in folder.glob("*.toml") if path.name != "digests.toml")
    if name not in known:
        one_of = ", ".join(known)
        raise Unnamed(
            f"看不出是哪个文件(playbook = …) · it does not say which file it is, playbook = one of {one_of}"
        )
    return f"{name}.toml"


if __name__ == "__main__":
    main()
