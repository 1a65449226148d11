"""Accounts in MongoDB. Whatever is changed of one ends all its sessions, in the same transaction."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from shared.contracts.event import Words
from shared.contracts.vocabulary import Role
from shared.platform.account import Account, account_of, check_login, check_name, is_login
from shared.platform.caller import EVERYWHERE
from shared.platform.directory import ESTATES, estate_of
from shared.platform.errors import Rejected
from shared.platform.mongo import Database
from shared.platform.passwords import Passwords
from shared.platform.sessions import Sessions

_ACCOUNTS = "accounts"


class Accounts:
    """All of an installation's. Every change raises `Rejected` for an account that there is not."""

    def __init__(self, database: Database, sessions: Sessions, passwords: Passwords) -> None:
        self._database, self._found = database, database[_ACCOUNTS]
        self._sessions, self._passwords = sessions, passwords

    async def prepare(self) -> None:
        """Two accounts never share a subject of the provider."""
        linked = {"oidc": {"$type": "string"}}
        await self._found.create_index("oidc", name="oidc", unique=True, partialFilterExpression=linked)
        await self._sessions.revoked.prepare()

    async def add(self, login: str, name: str, password: str | None, oidc: str | None = None) -> Account:
        """Without any role yet. Raises `Rejected` where the login or the subject is taken."""
        check_login(login)
        check_name(name)
        if password is not None:
            self._passwords.refuse_weak(password, login)
        # Of the time, so that an account made again under the same login does not wake sessions of the old one.
        document: dict[str, Any] = {"_id": login, "name": name.strip(), "grants": {}, "serial": int(time.time())}
        document |= {"disabled": False, "created_at": datetime.now(UTC)}
        document["hash"] = None if password is None else await self._passwords.hash(password)
        if oidc:
            document["oidc"] = oidc
        try:
            await self._found.insert_one(document)
        except DuplicateKeyError as taken:
            raise _taken(login, oidc if "oidc" in str((taken.details or {}).get("keyPattern")) else None) from taken
        return account_of(document)

    async def find(self, login: str) -> Account | None:
        document = await self._found.find_one({"_id": login}) if is_login(login) else None
        return account_of(document) if document else None

    async def known(self, login: str) -> Account:
        """Raises `Rejected` where there is none."""
        account = await self.find(login)
        if account is None:
            raise _missing(login)
        return account

    async def by_subject(self, oidc: str) -> Account | None:
        """Whom the provider means."""
        document = await self._found.find_one({"oidc": oidc})
        return account_of(document) if document else None

    async def all(self) -> tuple[Account, ...]:
        """Sorted by login."""
        return tuple([account_of(document) async for document in self._found.find().sort("_id")])

    async def check(self, login: str, password: str) -> Account | None:
        """None for a wrong password, an unknown login and a disabled account, after the same work."""
        account = await self.find(login)
        usable = account if account and not account.disabled else None
        checked = await self._passwords.check(password, usable.hash if usable else None)
        if usable is None or not checked.right:
            return None
        if checked.fresh:
            same = {"_id": login, "hash": usable.hash}
            await self._found.update_one(same, {"$set": {"hash": checked.fresh}})
        return usable

    async def set_password(self, login: str, password: str) -> Account:
        self._passwords.refuse_weak(password, login)
        return await self._change(login, {"$set": {"hash": await self._passwords.hash(password)}})

    async def grant(
        self, login: str, estates: Iterable[str], roles: Iterable[Role], persons: Mapping[str, str]
    ) -> Account:
        """Adds roles in each estate; `*` is every estate. Raises `Rejected` for an unknown estate or person."""
        wanted = sorted(set(estates))
        await self.check_estates(wanted, persons)
        update: dict[str, Any] = {"$addToSet": {f"grants.{e}": {"$each": sorted(roles)} for e in wanted}}
        if persons:
            update["$set"] = {f"persons.{estate}": person for estate, person in persons.items()}
        return await self._change(login, update)

    async def revoke(self, login: str, estate: str, roles: Iterable[Role] = ()) -> Account:
        """These roles there, or without any said all of them."""
        before = await self.known(login)
        left = before.grants.get(estate, frozenset()) - frozenset(roles) if roles else frozenset[Role]()
        if estate not in before.grants:
            zh, en = f"{login} 在 {estate} 没有角色", f"{login} has no role in {estate}"
            raise Rejected(404, "no-grant", Words(zh=zh, en=en), "estate")
        if left:
            return await self._change(login, {"$pullAll": {f"grants.{estate}": sorted(roles)}})
        return await self._change(login, {"$unset": {f"grants.{estate}": "", f"persons.{estate}": ""}})

    async def set_disabled(self, login: str, disabled: bool) -> Account:
        return await self._change(login, {"$set": {"disabled": disabled}})

    async def link(self, login: str, oidc: str) -> Account:
        """The account signs in as this subject of the provider. Raises `Rejected` where another has it."""
        try:
            return await self._change(login, {"$set": {"oidc": oidc}})
        except DuplicateKeyError as taken:
            raise _taken(login, oidc) from taken

    async def end_sessions(self, login: str) -> Account:
        return await self._change(login, {})

    async def _change(self, login: str, update: Mapping[str, Any]) -> Account:
        raised = {**update, "$inc": {"serial": 1}, "$currentDate": {"changed_at": True}}

        async def work(session: AsyncClientSession) -> Account:
            document = await self._found.find_one_and_update(
                {"_id": login}, raised, return_document=ReturnDocument.AFTER, session=session
            )
            if document is None:
                raise _missing(login)
            account = account_of(document)
            await self._sessions.end_all_of(account.subject, account.serial, session)
            return account

        async with self._database.client.start_session() as session:
            account = await session.with_transaction(work)
        self._sessions.revoked.read_again()
        return account

    async def check_estates(self, wanted: Iterable[str], persons: Mapping[str, str]) -> None:
        """Raises `Rejected` for the first estate that there is not, and a person who is not in its roster."""
        documents = {str(d["_id"]): d async for d in self._database[ESTATES].find()}
        for code in {*wanted, *persons} - {EVERYWHERE}:
            if code not in documents:
                have = ", ".join(sorted(documents)) or "baoshi estates apply"
                zh, en = f"没有小区 {code};有 {have}", f"there is no estate {code}: {have}"
                raise Rejected(404, "no_estate", Words(zh=zh, en=en), "estate")
        for code, person in persons.items():
            if code == EVERYWHERE or person not in {p.id for p in estate_of(documents[code]).people}:
                zh, en = f"{code} 的人员中没有 {person}", f"nobody in the roster of {code} is {person}"
                raise Rejected(404, "no_person", Words(zh=zh, en=en), "person")


def _missing(login: str) -> Rejected:
    zh, en = f"没有账号 {login},请用 baoshi users list 查看", f"there is no account {login}: see baoshi users list"
    return Rejected(404, "no-account", Words(zh=zh, en=en), "login")


def _taken(login: str, oidc: str | None) -> Rejected:
    if oidc:
        words = Words(zh=f"已有账号使用 {oidc}", en=f"another account signs in as {oidc} already")
        return Rejected(409, "subject-taken", words, "oidc")
    return Rejected(409, "login-taken", Words(zh=f"已有账号 {login}", en=f"there is an account {login}"), "login")
