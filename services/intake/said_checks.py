"""What holds for everything people say: its time, and who heard it."""

from datetime import datetime

from services.intake.checks import future_mistake
from services.intake.problems import Mistake
from services.intake.wording import fields, words
from shared.contracts.commands import Says


def check_said(request: Says, latest: datetime) -> None:
    """422 for a time in the future, for words heard by nobody, and for a hearer without the words heard."""
    wrong = [future_mistake("occurred_at", request.occurred_at, latest)]
    if request.words and request.heard_by is None:
        why, way_out = words("没有写明谁听到的", "Heard by nobody"), words("填heard_by", "Give heard_by")
        wrong.append(Mistake("heard_by", why, way_out))
    if request.heard_by is not None and not (request.words or "").strip():
        why, way_out = (
            words("代人登记没有原话", "On another's behalf without the words"),
            words("填words", "Give words"),
        )
        wrong.append(Mistake("words", why, way_out))
    found = [mistake for mistake in wrong if mistake is not None]
    if found:
        raise fields(found)
