"""The directory on disk, so that a process starts and works without MongoDB. It names people: mode 0600."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from shared.platform.logs import log


def write_snapshot(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all: fsynced beside the old one, then put in its place. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _fsync_folder(path.parent)


def read_snapshot(path: Path) -> dict[str, Any] | None:
    """None when there is none, or none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.error("directory snapshot unreadable", path=str(path), error=type(error).__name__)
        return None
    return content if _is_snapshot(content) else None


def _is_snapshot(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    return isinstance(content.get("estates"), list) and isinstance(content.get("read_at"), float)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
