"""Links to a post's own page: printed or sent once, good until a newer one is made (SOP: the guard's page)."""

from datetime import datetime
from typing import NamedTuple

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from shared.contracts.event import Words
from shared.domain.estates.roster import Estate, Post
from shared.platform.directory import ESTATES, estate_of
from shared.platform.errors import Rejected, Unavailable
from shared.platform.mongo import Database
from shared.platform.sessions import Sessions, Who
from shared.platform.signed import Signed

_LINKS = "post_links"
OPENED_AT = "/post/open/"
_OVER = Words(
    zh="此链接已失效,请向班长索取新的链接", en="This link is over: ask the shift leader for the post's new one"
)


class Opened(NamedTuple):
    who: Who
    estate: str
    post: str


class Last(NamedTuple):
    """A link that is good still, and when it was made."""

    token: str
    made: datetime


class PostLinks:
    """Each post has a serial: a new link raises it, and the older links and their sessions are over.

    `key` is the one that signs sessions.
    """

    def __init__(self, key: str, database: Database, sessions: Sessions) -> None:
        self._signed, self._database, self._sessions = Signed(key, "post-link"), database, sessions
        self._found = database[_LINKS]

    async def issue(self, estate: str, post: str) -> str:
        """A new link's token. Raises `Rejected` for a post that there is not."""
        known = await self._estate(estate)
        _post(known, post)
        return self._sealed(estate, post, await self._raise(estate, post))

    async def last(self, estate: str, post: str) -> Last | None:
        """The link that was made last, the same as then; None where it was ended or none was made."""
        link = await self._found.find_one({"_id": _id(estate, post)})
        if link is None or link.get("ended"):
            return None
        return Last(self._sealed(estate, post, link["serial"]), link["at"])

    async def end(self, estate: str, post: str) -> None:
        """No link opens the post's page any more, and the page is signed out within 30 s."""
        if await self._found.find_one({"_id": _id(estate, post)}) is None:
            _post(await self._estate(estate), post)
        await self._raise(estate, post, ended=True)

    async def open(self, token: str) -> Opened:
        """Raises `Rejected` 410 for a forged or older link or a post that is gone, `Unavailable` with MongoDB."""
        claims = self._signed.open(token)
        if claims is None:
            raise _over()
        code, post_id, serial = claims["estate"], claims["post"], claims["serial"]
        try:
            link = await self._found.find_one({"_id": _id(code, post_id)})
            if link is None or link["serial"] != serial:
                raise _over()
            post = _post(await self._estate(code), post_id)
        except PyMongoError as error:
            raise Unavailable(type(error).__name__) from error
        except Rejected as gone:
            raise _over() from gone
        grants = {code: frozenset({post.role})}
        return Opened(Who(_subject(code, post_id), post.zh, grants, {}, post_id, serial), code, post_id)

    def _sealed(self, estate: str, post: str, serial: int) -> str:
        return self._signed.seal({"estate": estate, "post": post, "serial": serial})

    async def _raise(self, estate: str, post: str, *, ended: bool = False) -> int:
        await self._sessions.revoked.prepare()

        async def work(session: AsyncClientSession) -> int:
            raised = await self._found.find_one_and_update(
                {"_id": _id(estate, post)},
                {"$inc": {"serial": 1}, "$set": {"ended": ended}, "$currentDate": {"at": True}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            assert raised is not None
            await self._sessions.end_all_of(_subject(estate, post), raised["serial"], session)
            return int(raised["serial"])

        async with self._database.client.start_session() as session:
            serial = await session.with_transaction(work)
        self._sessions.revoked.read_again()
        return serial

    async def _estate(self, code: str) -> Estate:
        document = await self._database[ESTATES].find_one({"_id": code})
        if document is None:
            raise Rejected(
                404, "no_estate", Words(zh=f"没有小区 {code}", en=f"there is no estate {code}"), "estate"
            )
        return estate_of(document)


def _post(estate: Estate, wanted: str) -> Post:
    for post in estate.posts:
        if post.id == wanted:
            return post
    have = ", ".join(post.id for post in estate.posts)
    zh, en = f"{estate.estate} 没有岗位 {wanted};有 {have}", f"{estate.estate} has no post {wanted}: {have}"
    raise Rejected(404, "no_post", Words(zh=zh, en=en), "post")


def _id(estate: str, post: str) -> str:
    return f"{estate}.{post}"


def _subject(estate: str, post: str) -> str:
    return f"post.{estate}.{post}"


def _over() -> Rejected:
    return Rejected(410, "link-over", _OVER)
