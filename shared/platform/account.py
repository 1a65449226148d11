"""A person's account as it is stored: what it is called, what it may do in which estate, and how it signs in."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from shared.contracts.event import Words
from shared.contracts.vocabulary import ROLES, Role
from shared.platform.errors import Rejected
from shared.platform.mongo import Document
from shared.platform.sessions import Who

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_MOST_NAME = 80


class Account(NamedTuple):
    """`serial` rises with each change; sessions of a lower one are over. `hash` is None without a password."""

    login: str
    name: str
    hash: str | None
    grants: Mapping[str, frozenset[Role]]
    persons: Mapping[str, str]
    disabled: bool
    oidc: str | None
    serial: int

    @property
    def subject(self) -> str:
        return subject_of(self.login)

    @property
    def who(self) -> Who:
        return Who(self.subject, self.name, self.grants, self.persons, serial=self.serial)


def subject_of(login: str) -> str:
    """Apart from keys, and from posts whatever a person is called."""
    return f"staff.{login}"


def login_of(subject: str) -> str | None:
    """None where it is no person's."""
    kind, _, login = subject.partition(".")
    return login if kind == "staff" else None


def account_of(document: Document) -> Account:
    """A role that this release does not know is left out."""
    grants = {e: frozenset(r for r in ROLES if r in roles) for e, roles in document["grants"].items()}
    return Account(
        document["_id"],
        document["name"],
        document.get("hash"),
        grants,
        document.get("persons", {}),
        document.get("disabled", False),
        document.get("oidc"),
        document["serial"],
    )


def is_login(login: str) -> bool:
    return _LOGIN.fullmatch(login) is not None


def as_login(typed: str) -> str:
    """As people type it; nothing is said here of whether it can be one."""
    return typed.strip().lower()


def check_login(login: str) -> None:
    """Raises `Rejected` for what can be no login name."""
    if not is_login(login):
        zh = f"登录名 {login} 不行:2 至 64 个小写字母、数字或 . _ @ -,以字母或数字开头"
        en = f"{login} is no login name: 2 to 64 of a-z, 0-9 and . _ @ -, beginning with a letter or digit"
        raise Rejected(422, "login", Words(zh=zh, en=en), "login")


def check_name(name: str) -> None:
    """Raises `Rejected` for an empty or unprintable name."""
    if not name.strip() or len(name) > _MOST_NAME or not name.isprintable():
        words = Words(zh=f"姓名须为 1 至 {_MOST_NAME} 个可见字符", en=f"A name has 1 to {_MOST_NAME} characters")
        raise Rejected(422, "name", words, "name")
