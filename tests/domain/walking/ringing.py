"""What the clock is to bring, looked for in what was decided when it rang."""

from collections.abc import Iterator

from tests.domain.walking.opening import target_opened
from tests.domain.walking.telling import notice_sent, rows
from tests.domain.walking.turn import Turn


def after_ring(turn: Turn, timer: str) -> Iterator[str]:
    """What the clock brings: `timed.`, `opens.`, `notice.`, `check.` and the emergency without a place."""
    kind, *rest = timer.split(".")
    if kind == "grade":
        return iter(() if turn.after["grade"] == "major" else ["not major without a place"])
    if kind == "timed":
        return _timed(turn, rest)
    if kind == "opens":
        return target_opened(turn, rest[0])
    if kind == "notice":
        return notice_sent(turn, turn.book.notices[rest[0]])
    step = rest[0].partition("-")[0]
    return (
        text for x, n, row in rows(turn.book, "check_missed") if row.step == step for text in notice_sent(turn, x)
    )


def _timed(turn: Turn, rest: list[str]) -> Iterator[str]:
    row = turn.book.steps[rest[0].partition("-")[0]].timed[int(rest[1]) if len(rest) > 1 else 0]
    if not turn.after["tasks"][rest[0]]["open"]:
        yield f"{rest[0]} has ended by the clock"
    for name in row.opens:
        yield from target_opened(turn, name)
    if row.kind and turn.after["report"].get("kind") != row.kind:
        yield f"the kind is not {row.kind}"
