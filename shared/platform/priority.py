"""Who goes first where all cores are taken."""

import contextlib
import os
from pathlib import Path

NICENESS = 10
_OWN_GROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Everything that gives no way goes first, as far as the kernel is asked; cgroups have weights of their own.

    Linux shares the cores among sessions first and looks at niceness only within one (sched(7), autogroup): of two
    processes with a session each, one at niceness 10 still took its half. So a session's leader sets the session's
    too; whoever shares a session with others must not.
    """
    os.nice(NICENESS)
    if os.getsid(0) == os.getpid():
        # Other systems, and kernels without it, have no such file.
        with contextlib.suppress(OSError):
            _OWN_GROUP.write_text(str(NICENESS))
