"""Refusals in RFC 9457 form, in Chinese or English."""

from typing import NamedTuple

from starlette.responses import Response

from shared.contracts.commands import FieldMistake, Problem
from shared.contracts.event import Words
from shared.platform.errors import Rejected

MEDIA_TYPE = "application/problem+json"


class Mistake(NamedTuple):
    """One field that cannot be taken: why, and the way out."""

    field: str
    why: Words
    way_out: Words

    def told(self, language: str) -> FieldMistake:
        """In the caller's language."""
        return FieldMistake(field=self.field, reason=tell(self.why, language), way_out=tell(self.way_out, language))


class Refusal(Rejected):
    """What the caller is told; `reason` is the problem's type, `mistakes` name each field."""

    def __init__(
        self,
        status: int,
        reason: str,
        words: Words,
        mistakes: tuple[Mistake, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, reason, words, mistakes[0].field if mistakes else None)
        self.mistakes, self.headers = mistakes, headers or {}


def tell(words: Words, language: str) -> str:
    return words.en if language == "en" else words.zh


def problem_response(refusal: Refusal, titles: dict[str, Words], language: str) -> Response:
    """Refusals are never cached, whatever stands between."""
    problem = Problem(
        type=f"urn:baoshi:problem:{refusal.reason}",
        title=tell(titles.get(refusal.reason, refusal.words), language),
        status=refusal.status,
        detail=tell(refusal.words, language),
        errors=tuple(m.told(language) for m in refusal.mistakes),
    )
    headers = {"content-language": language, "cache-control": "no-store", **refusal.headers}
    return Response(problem.model_dump_json(), refusal.status, headers, MEDIA_TYPE)
