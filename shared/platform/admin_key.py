"""Keys in files that only their owner reads: the administrator's, break-glass, and what signs sessions."""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from shared.platform.errors import Unsafe
from shared.platform.mongo import Database
from shared.platform.settings import Settings

INSTALLATION = "installation"


def hash_of(secret: str) -> str:
    """All that is ever kept of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def ensure_admin_key(state_dir: Path) -> str:
    """The key in `admin.key`, made once; two processes that start together get the same one."""
    return _ensure(state_dir, "admin.key")


def ensure_glass_key(settings: Settings) -> str:
    """By what intake is known to notify while Kafka is away: the setting, or `break-glass.key`, made once."""
    if settings.break_glass_key is not None:
        return settings.break_glass_key.get_secret_value()
    return _ensure(settings.state_dir, "break-glass.key")


def ensure_session_key(settings: Settings) -> str:
    """By what every service knows a session for true: the setting, or `session.key`, made once."""
    if settings.session_key is not None:
        return settings.session_key.get_secret_value()
    return _ensure(settings.state_dir, "session.key")


def _ensure(state_dir: Path, name: str) -> str:
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / name
    draft = state_dir / f".{name}.{os.getpid()}"
    if not path.exists():
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    secret = path.read_text().strip()
    if not secret:
        raise Unsafe(f"{path} is empty: remove it, and a new key is made")
    return secret


def _publish(draft: Path, path: Path) -> None:
    """A link is refused when another process was first, whose key then counts."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


async def install_admin_key(database: Database, state_dir: Path) -> str:
    """Makes the key if there is none and lets the directory know its hash; a key made anew replaces the old one."""
    secret = ensure_admin_key(state_dir)
    update = {"$set": {"admin_sha256": hash_of(secret)}}
    await database[INSTALLATION].update_one({"_id": INSTALLATION}, update, upsert=True)
    return secret
