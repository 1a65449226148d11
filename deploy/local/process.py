"""A child process that outlives nobody's mistake: known by its pid file, its start time and a mark."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

MARK = "BAOSHI_PROCESS"
LOG_LIMIT = 20 * 1024 * 1024
STOP_SECONDS = 20.0


class ProcessFailed(Exception):
    """A process ended, or did not answer in time; the text carries the end of its log."""


class ManagedProcess:
    """One process under one directory; found again, and ended, by any later run over that directory."""

    def __init__(
        self, name: str, command: Sequence[str], directory: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.command = list(command)
        self.directory = directory.resolve()
        self.log = self.directory / f"{name}.log"
        self._env = dict(env or {})
        self._mark = f"{self.directory}/{name}"
        self._pid_file = self.directory / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Ends what an interrupted run left behind, then starts anew in a session of its own."""
        self.stop()
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                cwd=self.directory,
                env={**os.environ, **self._env, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._write_pid(self._child.pid)

    def alive(self) -> bool:
        """True while the process runs, whoever started it; a paused one is alive."""
        if self._child is not None:
            return self._child.poll() is None
        return self._from_pid_file() is not None

    def pid(self) -> int | None:
        if self._child is not None:
            return self._child.pid if self._child.poll() is None else None
        process = self._from_pid_file()
        return process.pid if process else None

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """SIGTERM, and SIGKILL when that has not ended it in time; nothing running is no error."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """SIGKILL, and gone when this returns."""
        self._end(signal.SIGKILL, STOP_SECONDS)

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def check_alive(self) -> None:
        if not self.alive():
            raise ProcessFailed(f"{self.name} ended, its log {self.log} says:\n{self.log_tail()}")

    def log_tail(self, lines: int = 15) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        for process in self._ours():
            process.send_signal(number)

    def _end(self, number: signal.Signals, timeout: float) -> None:
        processes = list(self._ours())
        for process in processes:
            _send(process, number)
            # A paused process takes SIGTERM only once it goes on.
            _send(process, signal.SIGCONT)
        _, left = psutil.wait_procs(processes, timeout=timeout)
        for process in left:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(left, timeout=timeout)
        if self._child is not None:
            self._child.wait(timeout)
            self._child = None
        self._pid_file.unlink(missing_ok=True)

    def _ours(self) -> Iterator[psutil.Process]:
        """Every process with this mark in its environment, even one whose pid was never written."""
        if self._child is not None and self._child.poll() is None:
            # Between its fork and its exec it does not carry the mark yet.
            yield psutil.Process(self._child.pid)
        for process in psutil.process_iter():
            if process.pid != os.getpid() and self._is_ours(process):
                yield process

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self._mark
        except (psutil.Error, OSError):
            return False

    def _from_pid_file(self) -> psutil.Process | None:
        """The process, unless the number has meanwhile gone to another one."""
        try:
            pid, started = self._pid_file.read_text().split()
            process = psutil.Process(int(pid))
            same = abs(process.create_time() - float(started)) < 2.0
        except (OSError, ValueError, psutil.Error):
            return None
        return process if same and self._is_ours(process) else None

    def _write_pid(self, pid: int) -> None:
        try:
            started = psutil.Process(pid).create_time()
        except psutil.Error:
            started = time.time()
        draft = self._pid_file.with_suffix(".pid.new")
        draft.write_text(f"{pid} {started}\n")
        draft.replace(self._pid_file)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
