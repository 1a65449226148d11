"""The page `/rehearsal`: changed playbooks or a changed roster tried on what is recorded, for who decides on them.

Nothing is written and nobody is told.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.register import rehearsal_words as words
from services.register.rehearsal_form import Form, read_rehearsal, times, usual
from services.register.rehearsal_process import RehearsalProcess
from services.register.rehearsal_settings import RehearsalSettings
from services.register.rehearsal_worker import Task
from services.register.rehearsing import settled
from shared.contracts.event import Words
from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.loading import PACKAGED
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.errors import Rejected
from shared.platform.web.pages import Pages

DECIDES: frozenset[Role] = frozenset({"service_head", "management_director"})
_NOT_YOURS = Words(
    zh="预演只对客服主任和管理处主任开放", en="Rehearsing is for service heads and management directors"
)
_NO_ESTATE = Words(zh="请选择小区", en="Choose an estate")


class Rehearsals(NamedTuple):
    """All that the page is made with. `folder`: the playbooks that the installation works with."""

    callers: Callers
    directory: Directory
    clock: Clock
    pages: Pages
    limits: RehearsalSettings
    process: RehearsalProcess
    folder: Path


def rehearsal_routes(
    callers: Callers, directory: Directory, clock: Clock, pages: Pages, folder: Path | None
) -> list[BaseRoute]:
    limits = RehearsalSettings()
    process = RehearsalProcess(limits.seconds)
    made = Rehearsals(callers, directory, clock, pages, limits, process, folder or PACKAGED)
    return [
        Route("/rehearsal", partial(_show, made), methods=["GET"]),
        Route("/rehearsal", partial(_rehearse, made), methods=["POST"]),
    ]


async def _show(made: Rehearsals, request: Request) -> Response:
    caller = await made.pages.caller(request)
    if caller is None:
        return made.pages.sign_in(request)
    estates = await _estates(made, caller)
    if not estates:
        return await _answer(made, request, caller, estates, Form(), status=403, refused=_NOT_YOURS.model_dump())
    text = await asyncio.to_thread(_text_of, made.folder, request.query_params.get("file", ""))
    return await _answer(made, request, caller, estates, usual(made.clock.now(), estates[0].zone, text=text))


async def _rehearse(made: Rehearsals, request: Request) -> Response:
    """The form's own token is asked for before anything is done; mistakes are shown over the form as it was."""
    form, estates = Form(), list[Estate]()
    # Before a word of the form is read, as if it only asked for the page.
    caller = await made.callers.find(request.headers, "GET")
    if caller is None:
        return made.pages.sign_in(request)
    try:
        form = await read_rehearsal(request, made.limits.text_bytes)
        await made.callers.find(request.headers, request.method, form.token)
        estates = await _estates(made, caller)
        result = await made.process.run(_task(form, estates, made.clock))
    except Rejected as refused:
        said = refused.words.model_dump()
        return await _answer(made, request, caller, estates, form, status=refused.status, refused=said)
    return await _answer(made, request, caller, estates, form, status=200 if "found" in result else 422, **result)


def _task(form: Form, estates: list[Estate], clock: Clock) -> Task:
    if not estates:
        raise Rejected(403, "not-yours", _NOT_YOURS)
    chosen = [estate for estate in estates if form.estate in ("", estate.estate)]
    if not chosen:
        raise Rejected(422, "rehearsal", _NO_ESTATE, "estate")
    since, until = times(form, chosen[0].zone)
    return Task(
        estates=tuple(estate.estate for estate in chosen),
        since=since,
        until=settled(until, clock),
        playbooks=tuple(text for text in form.playbooks if text.strip()),
        estate=form.estate_file.strip() and form.estate_file,
    )


async def _estates(made: Rehearsals, caller: Caller) -> list[Estate]:
    """Where the caller decides; the administrator's key has every role everywhere, a post's own page none here."""
    if caller.post:
        return []
    codes = [code for code in await made.directory.codes() if DECIDES & caller.roles_in(code)]
    found = [await made.directory.estate(code) for code in codes]
    return [estate for estate in found if estate]


def _text_of(folder: Path, name: str) -> str:
    """The file as it is now, to begin with; empty for a name that is not in the folder."""
    return (folder / name).read_text(encoding="utf-8") if name in _files(folder) else ""


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.toml") if path.name != "digests.toml")


async def _answer(
    made: Rehearsals,
    request: Request,
    caller: Caller | None,
    estates: list[Estate],
    form: Form,
    status: int = 200,
    **said: Any,
) -> Response:
    """On a thread: hundreds of lines are written out, and the stream goes on meanwhile."""
    language = made.pages.language(request)
    context: dict[str, Any] = {
        "estates": estates,
        "form": form,
        "files": await asyncio.to_thread(_files, made.folder),
        "found": said.get("found"),
        "mistakes": [one[language] for one in said.get("mistakes", ())],
        "refused": said["refused"][language] if "refused" in said else "",
        "limits": made.limits,
        "addressed": partial(words.addressed, language=language),
        "subject": partial(words.subject, language=language),
        "difference": partial(words.difference, language=language),
        "told_words": partial(words.said_words, language=language),
        "causes": words.named(words.CAUSES, language),
        "statuses": words.named(words.STATUSES, language),
    }
    render = partial(made.pages.render, request, "rehearsal.html", caller, status=status, **context)
    return await asyncio.to_thread(render)
