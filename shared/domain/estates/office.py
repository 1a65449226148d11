"""When the office is open: what is routine and unanswered at the top of its ladder waits for it (SOP, Ladders)."""

from datetime import datetime, timedelta

from shared.domain.estates.roster import Estate


def in_office_hours(estate: Estate, at: datetime) -> datetime:
    """`at`, or the next opening where the office is closed then; with equal hours it never closes."""
    hours, local = estate.office, at.astimezone(estate.zone)
    if hours.start == hours.end:
        return at
    opening = datetime.combine(local.date(), hours.start, estate.zone)
    closing = datetime.combine(local.date(), hours.end, estate.zone)
    if local < opening:
        return opening.astimezone(at.tzinfo)
    if local < closing:
        return at
    tomorrow = local.date() + timedelta(days=1)
    return datetime.combine(tomorrow, hours.start, estate.zone).astimezone(at.tzinfo)
