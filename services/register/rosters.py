"""The register's window on rosters: who holds what at an instant, and the hours of a week that nobody holds."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.register.asking import Asking, Known, Now, Question
from services.register.problems import answered, not_a_parameter, not_found
from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.coverage import DAYS, Gap, gaps
from shared.domain.estates.plan import YEARS, Holder
from shared.domain.estates.roster import Estate, holders
from shared.domain.registering.masking import may_see
from shared.platform.caller import Caller
from shared.platform.directory import Directory


class RosterAsked(Question):
    """Query of `/v1/estates/{code}/roster`."""

    at: AwareDatetime | None = Field(None, description="the instant; now if missing")
    role: Role | None = Field(None, description="this role only")


class GapsAsked(Question):
    """Query of `/v1/estates/{code}/roster/gaps`."""

    first: date | None = Field(None, alias="from", description="the first of seven days; today if missing")


def roster_routes() -> APIRouter:
    routes = APIRouter()
    routes.get("/v1/estates/{code}/roster")(read_roster)
    routes.get("/v1/estates/{code}/roster/gaps")(read_gaps)
    return routes


async def read_roster(
    code: str, caller: Asking, directory: Known, now: Now, asked: Annotated[RosterAsked, Query()]
) -> Response:
    """Who holds each role then, nobody included; people by their ids, with names for whoever may see them."""
    estate = await _estate(directory, caller, code)
    then = asked.at or now
    _refuse_far("at", then)
    return answered(
        roster_of(
            estate, then, ROLES if asked.role is None else (asked.role,), names=may_see(caller.roles_in(code))
        )
    )


async def read_gaps(
    code: str, caller: Asking, directory: Known, now: Now, asked: Annotated[GapsAsked, Query()]
) -> Response:
    """Each gap of a role or a post in seven days, in full also where it reaches over their ends."""
    estate = await _estate(directory, caller, code)
    day = asked.first or now.astimezone(estate.zone).date()
    _refuse_far("from", day)
    return answered(gaps_of(estate, day))


def roster_of(estate: Estate, at: datetime, roles: tuple[Role, ...], *, names: bool) -> dict[str, Any]:
    """The answer to `GET /v1/estates/{code}/roster`."""
    known = {person.id: person.name for person in estate.people} if names else {}
    lines = [
        {
            "role": role,
            "department": department,
            "holders": [_shown(h, known) for h in holders(estate, role, at, department=department)],
        }
        for role in roles
        for department in _departments(estate, role)
    ]
    return {"estate": estate.estate, "at": at.astimezone(UTC), "roles": lines}


def gaps_of(estate: Estate, first_day: date) -> dict[str, Any]:
    """The answer to `GET /v1/estates/{code}/roster/gaps`."""
    last = first_day + timedelta(days=DAYS - 1)
    found = [_gap(gap) for gap in gaps(estate, first_day)]
    return {"estate": estate.estate, "from": first_day, "to": last, "gaps": found}


async def _estate(directory: Directory, caller: Caller, code: str) -> Estate:
    estate = await directory.estate(code) if caller.may_enter(code) else None
    if estate is None:
        raise not_found()
    return estate


def _refuse_far(field: str, day: date) -> None:
    if day.year not in YEARS:
        first, last = YEARS[0], YEARS[-1]
        zh, en = f"须在{first}年至{last}年之间", f"must be in the years {first} to {last}"
        raise not_a_parameter(field, zh, en)


def _departments(estate: Estate, role: Role) -> tuple[str | None, ...]:
    heads = tuple(department.id for department in estate.departments)
    return heads if heads and role == "department_head" else (None,)


def _shown(holder: Holder, known: dict[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"person": holder.person, "post": holder.post, "instead_of": holder.instead_of}
    return shown | ({"name": known[holder.person]} if holder.person in known else {})


def _gap(gap: Gap) -> dict[str, Any]:
    return gap._asdict() | {"start": gap.start.astimezone(UTC), "end": gap.end.astimezone(UTC)}
