"""The one table of who tells what to whom. Topic creation, AsyncAPI, the README's diagram and a test read it."""

from typing import NamedTuple

from shared.contracts.vocabulary import LANES, Category, Lane

PARTITIONS = 12
"""The same on every topic, for life: same key, same partition, whichever topic (ARCHITECTURE)."""

RETENTION_DAYS = 7
PARKED_RETENTION_DAYS = 30
LONGEST_RETENTION_DAYS = max(RETENTION_DAYS, PARKED_RETENTION_DAYS)

REPORT_LANES: tuple[tuple[Category, Lane], ...] = (
    ("medical", "emergency"),
    ("repair", "routine"),
    ("repair", "emergency"),
    ("complaint", "routine"),
    ("inquiry", "routine"),
    ("security", "emergency"),
    ("disaster", "emergency"),
    ("general", "routine"),
    ("general", "emergency"),
)


class Topic(NamedTuple):
    """`family` names the union of events it carries; `lane` is None where both lanes share a topic."""

    name: str
    family: str
    lane: Lane | None
    says: str
    spoken_by: tuple[str, ...]
    read_by: tuple[str, ...]
    retention_days: int = RETENTION_DAYS


def _lanes(family: str, says: str, spoken_by: tuple[str, ...], read_by: tuple[str, ...]) -> tuple[Topic, ...]:
    return tuple(Topic(f"{family}.{lane}", family, lane, says, spoken_by, read_by) for lane in LANES)


_READS_REPORTS = ("dispatch", "escalation", "register")

TOPICS: tuple[Topic, ...] = (
    *(
        Topic(f"reports.{category}.{lane}", "reports", lane, "a report was filed", ("intake",), _READS_REPORTS)
        for category, lane in REPORT_LANES
    ),
    *_lanes(
        "replies",
        "answers, amendments, withdrawals, hand-overs, and deadlines that passed",
        ("intake", "notify", "dispatch", "escalation"),
        _READS_REPORTS,
    ),
    *_lanes(
        "tasks",
        "tasks assigned, changed, ended, withdrawn; replies refused",
        ("dispatch",),
        ("escalation", "notify", "register"),
    ),
    *_lanes(
        "notices",
        "what someone is to be told",
        ("dispatch", "escalation", "register", "notify"),
        ("notify", "register"),
    ),
    *_lanes("escalations", "rung reached, grade promoted", ("escalation",), ("dispatch", "register")),
    *_lanes("deliveries", "what became of a message", ("notify",), ("notify", "escalation", "register")),
    Topic(
        "parked",
        "parked",
        None,
        "what could not be read or worked",
        ("dispatch", "escalation", "register", "notify"),
        ("cli",),
        PARKED_RETENTION_DAYS,
    ),
)


def read_by(service: str, lane: Lane | None = None) -> tuple[str, ...]:
    """The topics a service reads, of one lane or of all; reports come first, then replies, as batches go."""
    return tuple(t.name for t in TOPICS if service in t.read_by and lane in (None, t.lane))


def topic_of(family: str, lane: Lane, category: Category | None = None) -> str:
    """The topic an event of a family goes to; reports also need the class."""
    return f"reports.{category}.{lane}" if family == "reports" else f"{family}.{lane}"
