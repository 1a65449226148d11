"""Who asks: a key of a program's, a person who signed in, or a post's own page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from shared.contracts.vocabulary import Role

EVERYWHERE = "*"
"""Among grants: every estate there is."""
_NOBODY: Mapping[str, frozenset[Role]] = MappingProxyType({})
_NO_PERSONS: Mapping[str, str] = MappingProxyType({})
_NONE: frozenset[Role] = frozenset()


class Caller(NamedTuple):
    """`estates` is None for the administrator, and for whoever has roles everywhere.

    `roles`: all that the caller holds anywhere. A person's `grants` name the roles of each estate, so whoever is
    asked about one estate asks `roles_in` or goes on with `within`.
    """

    key_id: str
    estates: frozenset[str] | None
    roles: frozenset[Role]
    grants: Mapping[str, frozenset[Role]] = _NOBODY
    name: str = ""
    persons: Mapping[str, str] = _NO_PERSONS
    post: str | None = None
    session: str | None = None
    csrf: str | None = None

    def may_enter(self, estate: str) -> bool:
        return self.estates is None or estate in self.estates

    def roles_in(self, estate: str) -> frozenset[Role]:
        """None at all where the caller may not enter; what is held everywhere is held in each estate too."""
        if not self.may_enter(estate):
            return _NONE
        if not self.grants:
            return self.roles
        return self.grants.get(estate, _NONE) | self.grants.get(EVERYWHERE, _NONE)

    def within(self, estate: str) -> "Caller":
        """The same caller with the roles of this estate, and no other estate."""
        if not self.grants:
            return self
        roles = self.roles_in(estate)
        return self._replace(estates=frozenset({estate}), roles=roles, grants={estate: roles})

    def person_in(self, estate: str) -> str | None:
        """Who that is in the estate's roster; None for a program and for somebody who is in no roster."""
        return self.persons.get(estate)
