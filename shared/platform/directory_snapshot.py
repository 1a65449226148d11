"""The directory on disk, so that a process starts and works without MongoDB. It names people: mode 0600."""

import json
from pathlib import Path
from typing import Any

from shared.platform.logs import log
from shared.platform.whole_files import write_whole


def write_snapshot(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all. Raises OSError."""
    write_whole(path, json.dumps(content, ensure_ascii=False).encode())


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
