"""`baoshi channels mosquitto`: users, passwords and rights of an estate's posts, as Mosquitto reads them.

One folder serves a broker of many estates: what it holds of others, and passwords given out, stay as they are.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.directory import on_directory
from cli.language import Lang, language
from services.notify.channels.mqtt_topics import (
    MOST_BYTES,
    NOTIFY_USER,
    acl_of,
    acl_of_notify,
    device_user,
    is_post,
)
from shared.domain.estates.roster import Estate
from shared.platform.estate_store import stored_estate

PASSWORDS, ACL, CONF, SECRETS = "passwords", "acl", "mosquitto.conf", "secrets"
_ROUNDS = 101
"""As mosquitto_passwd has it: 144 random bits need no slow hash, and after a restart many sign in at once."""
_SALT_BYTES, _PASSWORD_BYTES = 12, 18
Code = Annotated[str, typer.Option("--estate", help="the estate's code, such as lanting · 小区代码")]
Out = Annotated[Path, typer.Option("--out", help="folder for the broker's files · 输出目录")]
Renew = Annotated[list[str], typer.Option("--renew", help="a post that gets a new password · 换密码的岗位")]


def mosquitto(estate: Code, out: Out, renew: Renew = [], lang: Lang = None) -> None:  # noqa: B006
    """Write password, rights and configuration files for Mosquitto. · 生成 Mosquitto 的密码与权限文件"""
    said = language(lang)
    stored = on_directory(said, lambda mongo: stored_estate(mongo, estate))
    made = write_files(estate, posts_of(stored.estate), out, renew)
    zh = f"{out}:{len(made)} 个新密码,在 {out / SECRETS},一个用户一个文件;给设备后请删除"
    en = f"{out}: {len(made)} new passwords in {out / SECRETS}, a file a user; delete them once devices have them"
    typer.echo(zh if said == "zh" else en)
    for user in made:
        typer.echo(f"  {user}")


def posts_of(estate: Estate) -> list[str]:
    """Every post, and whatever else the estate's devices on MQTT are called."""
    channels = {row.id for row in estate.channels if row.kind == "mqtt"}
    devices = {device.address for device in estate.devices if device.channel in channels}
    return sorted({post.id for post in estate.posts} | {address for address in devices if is_post(address)})


def write_files(
    estate: str, posts: Iterable[str], out: Path, renew: Sequence[str] = (), rounds: int = _ROUNDS
) -> list[str]:
    """The users with a new password. A post that is gone loses its own; notify's user is made once."""
    found = _hashes(out / PASSWORDS)
    users = {device_user(estate, post): post for post in posts}
    kept = {u: line for u, line in found.items() if u in users or not u.startswith(f"{estate}.")}
    wanted = [NOTIFY_USER, *users]
    made = [user for user in wanted if user not in kept or users.get(user) in renew]
    _folder(out / SECRETS)
    for user in made:
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        kept[user] = password_hash(password, secrets.token_bytes(_SALT_BYTES), rounds)
        _write(out / SECRETS / user, f"{password}\n", 0o600)
    for user in found.keys() - kept.keys():
        (out / SECRETS / user).unlink(missing_ok=True)
    _write(out / PASSWORDS, "".join(f"{user}:{kept[user]}\n" for user in sorted(kept)), 0o640)
    _write(out / ACL, acl_text(kept), 0o640)
    if not (out / CONF).exists():
        _write(out / CONF, conf_text(out), 0o644)
    return made


def password_hash(password: str, salt: bytes, rounds: int = _ROUNDS) -> str:
    """Mosquitto's `$7$`: PBKDF2 with SHA-512."""
    found = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(found).decode()}"


def acl_text(users: Iterable[str]) -> str:
    """A block a user, and nothing for anybody else."""
    return "\n".join(_block(user) for user in sorted(users))


def conf_text(out: Path, listener: str = "1883", data: Path = Path("/var/lib/mosquitto")) -> str:
    """What a broker needs so that a handheld that was away finds its messages, even after the broker was killed."""
    rows: Mapping[str, str | int] = {
        "listener": listener,
        "allow_anonymous": "false",
        "password_file": str((out / PASSWORDS).resolve()),
        "acl_file": str((out / ACL).resolve()),
        "persistence": "true",
        "persistence_location": f"{data}/",
        "autosave_on_changes": "true",
        "autosave_interval": 1,
        "retain_available": "false",
        "max_queued_messages": 10_000,
        "max_packet_size": MOST_BYTES,
    }
    return "".join(f"{name} {value}\n" for name, value in rows.items())


def _block(user: str) -> str:
    estate, _, post = user.partition(".")
    rights: Sequence[tuple[Literal["read", "write"], str]] = acl_of(estate, post) if post else acl_of_notify()
    return "".join((f"user {user}\n", *(f"topic {right} {topic}\n" for right, topic in rights)))


def _hashes(file: Path) -> dict[str, str]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {user: found for user, _, found in (line.partition(":") for line in lines) if found}


def _folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)


def _write(path: Path, text: str, mode: int) -> None:
    """Whole or not at all, and never readable to more than it will be."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
