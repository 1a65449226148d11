"""Who asks: a key of a program's, a person who signed in, or a post's own page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from shared.contracts.vocabulary import Role

_NOBODY: Mapping[str, frozenset[Role]] = MappingProxyType({})
_NO_PERSONS: Mapping[str, str] = MappingProxyType({})


class Caller(NamedTuple):
    """`estates` is None for the administrator, who may speak for all of them.

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
        """None at all where the caller may not enter."""
        if not self.may_enter(estate):
            return frozenset()
        return self.grants.get(estate, frozenset()) if self.grants else self.roles

    def within(self, estate: str) -> "Caller":
        """The same caller with the roles of this estate, and no other estate."""
        return self._replace(estates=frozenset({estate}), roles=self.roles_in(estate)) if self.grants else self

    def person_in(self, estate: str) -> str | None:
        """Who that is in the estate's roster; None for a program and for somebody who is in no roster."""
        return self.persons.get(estate)
