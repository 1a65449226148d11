"""Programs of others that the tests and the demo talk to: on PATH, or unpacked below `.local/peers`."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".local" / "peers"
_WHERE = (*(PEERS / p for p in ("usr/sbin", "usr/bin")), Path("/usr/sbin"), Path("/usr/local/sbin"))


class PeerMissing(Exception):
    """The text says which program is missing and how to get it."""


def find(name: str) -> str:
    """The program's path. Raises PeerMissing."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, _WHERE)])
    if found := shutil.which(name, path=path):
        return found
    raise PeerMissing(f"{name} 没有找到,请先 make peers · {name} was not found, run make peers")
