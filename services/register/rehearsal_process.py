"""Runs one rehearsal at a time in its own process, which is ended with the register or after its time."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Any

from services.register.rehearsal_worker import Task
from shared.contracts.event import Words
from shared.platform.errors import Rejected
from shared.platform.logs import log

_WORKER = ("-m", "services.register.rehearsal_worker")
_BUSY = Words(zh="另一个预演正在进行,请稍后再试", en="Another rehearsal is under way, try again soon")
_TOO_SLOW = Words(zh="超过了时间,请缩短期间", en="It took too long: choose a shorter time")
_FAILED = Words(zh="程序出错,预演没有完成", en="A fault of ours: the rehearsal did not come to its end")


class RehearsalProcess:
    """One of each copy of the register."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._busy = seconds, asyncio.Lock()

    async def run(self, task: Task) -> dict[str, Any]:
        """As the worker's `answer` says. Raises `Rejected` when another runs, and when it takes too long."""
        if self._busy.locked():
            raise Rejected(429, "busy", _BUSY)
        async with self._busy:
            # Whatever the process leaves when it is ended goes with this folder.
            with TemporaryDirectory(prefix="baoshi-rehearsal-") as folder:
                return await self._run(task.model_dump_json().encode(), folder)

    async def _run(self, said: bytes, folder: str) -> dict[str, Any]:
        pipe, env = asyncio.subprocess.PIPE, {**os.environ, "TMPDIR": folder}
        # A session of its own, so that its giving way is its own (shared/platform/priority.py).
        process = await asyncio.create_subprocess_exec(
            sys.executable, *_WORKER, stdin=pipe, stdout=pipe, env=env, start_new_session=True
        )
        try:
            async with asyncio.timeout(self._seconds):
                told, _ = await process.communicate(said)
        except TimeoutError:
            raise Rejected(422, "rehearsal", _TOO_SLOW, "to") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode:
            log.error("rehearsal failed", status=process.returncode)
            raise Rejected(500, "failure", _FAILED)
        found: dict[str, Any] = await asyncio.to_thread(json.loads, told)
        return found
