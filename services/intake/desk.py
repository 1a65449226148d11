"""`/desk`: the page on which a call is taken. It opens and works while Kafka and MongoDB are away."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.intake.authentication import TAKES_CALLS
from services.intake.settings import IntakeSettings
from shared.contracts.names import NAMES
from shared.contracts.vocabulary import CATEGORIES, EMERGENCY_KINDS, Role, lane_of
from shared.domain.asking.questions import sheet_of
from shared.domain.asking.recording import procedure_of
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbook, Playbooks
from shared.domain.playbooks.overriding import overridden
from shared.platform.caller import Caller
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.errors import Unavailable
from shared.platform.web.pages import Pages

GATE: Role = "gate_guard"
"""Opens a case by one key, and no more."""


class Desk:
    """The page, and what it knows without asking anybody: the procedure, and the estates of the directory."""

    def __init__(
        self, settings: IntakeSettings, clock: Clock, pages: Pages, directory: Directory, playbooks: Playbooks
    ) -> None:
        self._settings, self._clock, self._pages = settings, clock, pages
        self._directory, self._playbooks = directory, playbooks
        self._procedure = self._procedure_of(dict(playbooks.by_category))

    def routes(self) -> list[BaseRoute]:
        return [Route("/desk", self.page)]

    async def page(self, request: Request) -> Response:
        """403 for who takes no calls anywhere; whoever is not signed in is led there and back."""
        caller = await self._pages.caller(request, posts=True)
        if caller is None:
            return self._pages.sign_in(request)
        try:
            estates = await self._estates(caller)
        except Unavailable:
            return self._refused(request, caller, "away", 503)
        if not estates:
            return self._refused(request, caller, "role", 403)
        data = {
            "estates": estates,
            "gate_only": all(estate["role"] == GATE for estate in estates),
            "emergencies": {c: sorted(EMERGENCY_KINDS.get(c, ())) for c in CATEGORIES},
            "always_emergency": [c for c in CATEGORIES if lane_of(c) == "emergency"],
            "name": caller.name,
            "phone": self._settings.intake_phone,
            "now": self._clock.now().isoformat(),
            "speed": self._settings.clock_speed,
            "untold_s": self._settings.desk_untold_s,
            **self._procedure,
        }
        return self._pages.render(request, "desk.html", caller, data=data, categories=CATEGORIES, names=NAMES)

    def _refused(self, request: Request, caller: Caller, why: str, status: int) -> Response:
        phone = self._settings.intake_phone
        return self._pages.render(request, "desk_refused.html", caller, status=status, why=why, phone=phone)

    async def _estates(self, caller: Caller) -> list[dict[str, Any]]:
        codes = await self._directory.codes() if caller.estates is None else sorted(caller.estates)
        found = []
        for code in codes:
            estate, role = await self._directory.estate(code), role_of(caller, code)
            if estate is not None and role is not None:
                found.append(self._shown(estate, caller, role))
        return found

    def _shown(self, estate: Estate, caller: Caller, role: Role) -> dict[str, Any]:
        """Where an estate asks otherwise than the packaged playbooks, its own questions stand with it."""
        own = {c: overridden(book, estate.overrides) for c, book in self._playbooks.by_category.items()}
        changed = any(own[c] is not book for c, book in self._playbooks.by_category.items())
        return {
            "estate": estate.estate,
            "zh": estate.zh,
            "en": estate.en,
            "time_zone": estate.time_zone,
            "role": role,
            "roles": sorted(caller.roles_in(estate.estate)),
            "person": caller.person_in(estate.estate),
            "buildings": [{"id": b.id, "zh": b.zh} for b in estate.buildings],
            "places": [{"zh": p.zh, "building": p.building} for p in estate.places],
            "posts": [{"id": p.id, "zh": p.zh, "role": p.role} for p in estate.posts],
            "people": {p.id: p.name for p in estate.people} if _names_people(caller, role) else {},
            "departments": [{"id": d.id, "zh": d.zh, "en": d.en} for d in estate.departments],
            **(self._procedure_of(own) if changed else {}),
        }

    def _procedure_of(self, books: Mapping[Any, Playbook]) -> dict[str, Any]:
        guardrails = self._playbooks.guardrails
        sheets = {c: sheet_of(book, guardrails).model_dump(mode="json") for c, book in books.items()}
        steps = procedure_of({str(c): book for c, book in books.items()}, guardrails)
        return {"sheets": sheets, "steps": steps.model_dump(mode="json", exclude_defaults=True)}


def _names_people(caller: Caller, role: Role) -> bool:
    """For who enters what others said; a gate, and whoever has a post's link, need not know all of the staff."""
    return role != GATE and caller.post is None


def role_of(caller: Caller, estate: str) -> Role | None:
    """In which role the caller takes calls of this estate; None: in none."""
    held = caller.roles_in(estate)
    return next((role for role in (*TAKES_CALLS, GATE) if role in held), None)
