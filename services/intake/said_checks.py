"""What holds for everything people say: its time, and who heard it."""

from datetime import datetime

from services.intake.checks import future_mistake
from services.intake.problems import Mistake
from services.intake.wording import fields, words
from shared.contracts.commands import Says


def check_said(request: Says, latest: datetime) -> None:
    """422 for a time in the future, and for words heard by nobody."""
    wrong = [future_mistake("occurred_at", request.occurred_at, latest)]
    if request.words and request.heard_by is None:
        why, way_out = words("没有写明谁听到的", "Heard by nobody"), words("填heard_by", "Give heard_by")
        wrong.append(Mistake("heard_by", why, way_out))
    found = [mistake for mistake in wrong if mistake is not None]
    if found:
        raise fields(found)
