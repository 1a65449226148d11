"""A rehearsal's own process: what a file may ask of it, and what it says of its own faults."""

import asyncio
import json
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from services.register.rehearsal_process import RehearsalProcess
from services.register.rehearsal_worker import Task
from tests.support.rehearsals import FROM, TO

DEEP = "playbook = " + "[" * 20_000
WIDE = "playbook." + ".".join(["a"] * 20_000) + " = 1"
"""Some kilobytes of which a reader of TOML makes gigabytes."""


@pytest.mark.parametrize("text", [DEEP, WIDE], ids=["deep", "wide"])
def test_what_asks_for_too_much_is_refused_in_words(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BAOSHI_REHEARSAL_MEMORY_MB", "256")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    task = Task(estates=("qinghe",), since=FROM, until=TO + timedelta(hours=1), playbooks=(text,))
    found = asyncio.run(RehearsalProcess(60).run(task))
    assert found["refused"]["en"] == "Nested too deep or too large to be rehearsed", json.dumps(found)[:200]
    assert list(tmp_path.iterdir()) == []
