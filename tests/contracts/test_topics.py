"""The table of who tells what to whom holds together."""

import pytest

from shared.contracts.history import FAMILIES, types_of
from shared.contracts.topics import REPORT_LANES, TOPICS, Topic, read_by, topic_of
from shared.contracts.vocabulary import CATEGORIES, KINDS, LANES, Category, Lane, lane_of

NAMES = [topic.name for topic in TOPICS]
SERVICES = {"intake", "dispatch", "escalation", "notify", "register"}


def test_there_are_nine_report_topics_two_of_each_other_family_and_one_for_the_parked() -> None:
    count = {family: sum(t.family == family for t in TOPICS) for family in {t.family for t in TOPICS}}
    assert count == {"reports": 9, "parked": 1} | dict.fromkeys(set(FAMILIES) - {"reports"}, 2)
    assert len(set(NAMES)) == len(NAMES)


def test_the_report_topics_are_the_lanes_that_class_and_kind_give() -> None:
    lanes = {(c, lane_of(c, kind)) for c in CATEGORIES for kind in (None, *KINDS.get(c, ()))}
    assert lanes == set(REPORT_LANES)


@pytest.mark.parametrize("topic", TOPICS, ids=NAMES)
def test_a_topic_has_a_speaker_and_a_reader_that_exist(topic: Topic) -> None:
    assert topic.spoken_by and set(topic.spoken_by) <= SERVICES
    assert topic.read_by and set(topic.read_by) <= SERVICES | {"cli"}
    assert topic.says and topic.retention_days > 0


@pytest.mark.parametrize("topic", TOPICS, ids=NAMES)
def test_a_topics_name_ends_with_its_lane(topic: Topic) -> None:
    assert topic.name.rpartition(".")[2] == (topic.lane or "parked")


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"reports"}))
@pytest.mark.parametrize("lane", LANES)
def test_every_event_has_a_topic_in_its_lane(family: str, lane: Lane) -> None:
    assert types_of(family)
    assert topic_of(family, lane) in NAMES


@pytest.mark.parametrize(("category", "lane"), REPORT_LANES)
def test_a_report_has_a_topic(category: Category, lane: Lane) -> None:
    assert topic_of("reports", lane, category) in NAMES


def test_the_register_reads_everything_but_what_was_parked() -> None:
    assert read_by("register") == tuple(n for n in NAMES if n != "parked")


@pytest.mark.parametrize("service", ["dispatch", "escalation", "register"])
def test_a_service_reads_reports_first_then_replies(service: str) -> None:
    families = [name.split(".")[0] for name in read_by(service, "emergency")]
    assert families == sorted(families, key=lambda f: {"reports": 0, "replies": 1}.get(f, 2))


@pytest.mark.parametrize("service", ["dispatch", "escalation", "notify", "register"])
def test_the_lanes_of_a_service_share_no_topic_and_miss_none(service: str) -> None:
    emergency, routine = set(read_by(service, "emergency")), set(read_by(service, "routine"))
    assert not emergency & routine
    assert emergency | routine == set(read_by(service))
    assert all(name.endswith(".emergency") for name in emergency)


def test_only_dispatch_speaks_of_tasks_and_only_intake_files_reports() -> None:
    assert {s for t in TOPICS if t.family == "tasks" for s in t.spoken_by} == {"dispatch"}
    assert {s for t in TOPICS if t.family == "reports" for s in t.spoken_by} == {"intake"}


def test_intake_reads_nothing() -> None:
    """It is the only door in; what comes back is read at the register."""
    assert read_by("intake") == ()
