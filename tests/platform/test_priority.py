"""The routine lane's processes give way, in a session of their own as well as in a shared one."""

import subprocess
import sys
from pathlib import Path

import pytest

_SAYS = """
import os
from pathlib import Path
from shared.platform.priority import give_way
give_way()
group = Path("/proc/self/autogroup")
print(os.nice(0), group.read_text().split()[-1] if group.exists() else "")
"""


def said(own_session: bool) -> list[str]:
    """Niceness of a fresh process, and of its session where the kernel keeps one."""
    command = [sys.executable, "-c", _SAYS]
    if not own_session:
        # The shell leads the session, and is not the last command's process.
        command = ["sh", "-c", '"$0" -c "$1"; true', sys.executable, _SAYS]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, start_new_session=True)
    return ran.stdout.split()


needs_groups = pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no groups of sessions here")


@needs_groups
def test_a_process_with_a_session_of_its_own_gives_way_to_other_sessions() -> None:
    assert said(own_session=True) == ["10", "10"]


@needs_groups
def test_one_that_shares_its_session_takes_nobody_with_it() -> None:
    assert said(own_session=False) == ["10", "0"]
