"""Who asks the register, and of what: the parts that every question of its window needs."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict

from services.register.queries import Queries
from services.register.readings import Readings
from shared.contracts.event import Words
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.errors import Rejected

_NO_KEY = Words(zh="请登录,或用 Authorization: Bearer <密钥>", en="Sign in, or send Authorization: Bearer <key>")

_NOT_FOR_POSTS = Words(
    zh="岗位页面只能看本岗任务;其他内容请用本人账号登录",
    en="A post's page sees the tasks of its post only: sign in with your own account",
)
OPEN_TO_POSTS = frozenset({"/v1/estates/{code}/posts/{post}/tasks", "/v1/stream", "/v1/replies/{event_id}"})
"""What a post's page may ask, by the address's pattern; whatever is added elsewhere stays closed to it."""


async def directory_of(request: Request) -> Directory:
    directory: Directory = request.app.state.directory
    return directory


async def caller_of(request: Request) -> Caller:
    """401 for a missing, malformed or unknown key and a session that is over; 403 for a post's page elsewhere."""
    callers: Callers = request.app.state.callers
    caller = await callers.find(request.headers, request.method)
    if caller is None:
        raise Rejected(401, "no-key", _NO_KEY)
    if caller.post is not None and getattr(request.scope.get("route"), "path", "") not in OPEN_TO_POSTS:
        raise Rejected(403, "not-for-posts", _NOT_FOR_POSTS)
    return caller


async def queries_of(request: Request) -> Queries:
    queries: Queries = request.app.state.queries
    return queries


async def readings_of(request: Request) -> Readings:
    readings: Readings = request.app.state.readings
    return readings


async def now_of(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock.now()


PLAIN = r"^[^\u0000-\u001f\u007f]+$"
"""Of a word that is asked for: no control characters."""


class Question(BaseModel):
    """The query of an address: a parameter that it does not know is refused, since it would change nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Asking = Annotated[Caller, Depends(caller_of)]
Asked = Annotated[Queries, Depends(queries_of)]
Known = Annotated[Directory, Depends(directory_of)]
Now = Annotated[datetime, Depends(now_of)]
Recorded = Annotated[Readings, Depends(readings_of)]
