"""The estates that somebody may see, and as whom: pages ask this before anything else."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.register.asking import Asking, Known
from services.register.problems import answered
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller


def estate_routes() -> APIRouter:
    routes = APIRouter()
    routes.get("/v1/estates")(list_estates)
    return routes


async def list_estates(caller: Asking, directory: Known) -> Response:
    """In the order of their codes; `person`: who the caller is in the estate's roster."""
    codes = [code for code in await directory.codes() if caller.may_enter(code)]
    estates = [await directory.estate(code) for code in codes]
    return answered({"estates": [_shown(estate, caller) for estate in estates if estate]})


def _shown(estate: Estate, caller: Caller) -> dict[str, Any]:
    about = {"estate": estate.estate, "zh": estate.zh, "en": estate.en, "time_zone": str(estate.zone)}
    roles = sorted(caller.roles_in(estate.estate))
    return {**about, "roles": roles, "person": caller.person_in(estate.estate)}
