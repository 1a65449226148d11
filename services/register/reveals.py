"""Revealing a report: who may see names and phone numbers says why, it is recorded, and only then it is shown."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from services.register.asking import Asked, Asking, Now
from services.register.problems import answered, not_found
from services.register.readings import Readings
from shared.contracts.commands import SAID
from shared.contracts.event import Words
from shared.domain.registering.masking import may_see
from shared.platform.caller import Caller
from shared.platform.errors import Rejected

_NOT_YOURS = Words(zh="您的岗位不能查看姓名和电话", en="Your role may not see names and phone numbers")


class RevealRequest(BaseModel):
    """Why somebody wants to see it, in a few words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, StringConstraints(max_length=200, pattern=SAID, strip_whitespace=True)]


def reveal_routes(readings: Readings) -> APIRouter:
    async def reveal(report_id: str, asked: RevealRequest, caller: Asking, queries: Asked, now: Now) -> Response:
        """The whole report, unmasked. Whoever asks is written down first; without that nothing is shown."""
        report = await queries.report(report_id, caller.estates)
        if report is None:
            raise not_found()
        _refuse(caller, report["estate"])
        await readings.of_report(caller, report_id, report["estate"], now, asked.reason)
        return answered(report)

    async def read_reveals(report_id: str, caller: Asking, queries: Asked) -> Response:
        """Who revealed this report, when and why; for those who may reveal it themselves."""
        report = await queries.report(report_id, caller.estates)
        if report is None:
            raise not_found()
        _refuse(caller, report["estate"])
        return answered({"reveals": await readings.revealed(report_id)})

    routes = APIRouter()
    routes.post("/v1/reports/{report_id}/reveals")(reveal)
    routes.get("/v1/reports/{report_id}/reveals")(read_reveals)
    return routes


def _refuse(caller: Caller, estate: str) -> None:
    if not may_see(caller.roles_in(estate)):
        raise Rejected(403, "not-your-role", _NOT_YOURS)
