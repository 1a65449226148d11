"""`baoshi parked`, `trace` and `statistics`, on a real Kafka and a real MongoDB."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli import parked, statistics, trace
from cli.parked_records import read_parked, replay
from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.store import Store
from shared.contracts.history import write_event
from shared.platform.clock import floor_ms
from shared.platform.consuming import Consumption
from shared.platform.directory import Directory
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import connect, database
from shared.platform.parking import parked_record
from shared.platform.publishing import Publisher
from shared.platform.records import Incoming, Taken
from shared.platform.settings import Settings
from shared.platform.topic_admin import create_topics
from tests.support.estate import an_estate
from tests.support.events import a_report
from tests.support.kafka import records_of
from tests.support.lives import a_whole_life, taken
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
TOPIC = "reports.inquiry.routine"


@pytest.fixture
async def settings(stack: StackAddress, names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    values = {
        "kafka": stack.bootstrap,
        "mongo": stack.mongo_uri,
        "mongo_database": names.database,
        "topic_prefix": names.topic_prefix,
        "state_dir": str(tmp_path),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"BAOSHI_{name.upper()}", value)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    return Settings()


@pytest.fixture
async def with_topics(settings: Settings) -> Settings:
    await create_topics(settings)
    return settings


async def park(settings: Settings, *records: Incoming, service: str = "dispatch") -> None:
    publisher = Publisher(settings, "tests")
    await publisher.publish(
        [parked_record(service, r, f"poison: {n}", datetime.now(UTC)) for n, r in enumerate(records)], 20
    )
    await publisher.stop()


def a_record(offset: int, value: bytes, key: str = "k", at: datetime | None = None, **headers: str) -> Incoming:
    return Incoming(TOPIC, 3, offset, key, value, headers, at or datetime.now(UTC))


def app() -> typer.Typer:
    made = typer.Typer()
    parked.mount(made)
    trace.mount(made)
    statistics.mount(made)
    return made


async def run(*arguments: str, typed: str = "") -> tuple[int, str]:
    """In a thread of its own, since a command runs a loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, app(), list(arguments), typed)
    return result.exit_code, result.output


async def test_what_two_services_parked_is_one_parked_record(with_topics: Settings) -> None:
    await park(with_topics, a_record(7, b"{broken"), a_record(8, b"\x1b[2Jalso"))
    await park(with_topics, a_record(7, b"{broken"), service="register")
    code, output = await run("parked", "list")
    assert (code, len(output.splitlines())) == (0, 2)
    assert f"{TOPIC}/3@7" in output and "dispatch,register" in output and "poison: 0" in output


async def test_show_gives_the_bytes_and_drives_no_terminal(with_topics: Settings) -> None:
    await park(with_topics, a_record(8, b"\x1b[2J\xffalso", traceparent="00-1"))
    (one,) = await read_parked(with_topics)
    code, output = await run("parked", "show", one.id[:6])
    assert code == 0 and "also" not in output and "header traceparent: 00-1" in output
    code, output = await run("parked", "show", one.id[:6], "--content")
    assert code == 0 and "\x1b" not in output
    assert "\\x1b[2J\\xffalso" in output


async def test_a_replay_is_the_same_event_again_and_leaves_the_list(with_topics: Settings) -> None:
    event = a_report("inquiry", text="停车费")
    value = write_event(event)
    await park(with_topics, a_record(7, value, event.key, ce_id="1"), a_record(9, b"{other"))
    (first, _) = await read_parked(with_topics)
    code, output = await run("parked", "replay", first.id)
    assert (code, output) == (0, "1 replayed\n")
    (sent,) = await records_of(with_topics, TOPIC)
    assert (sent.key, sent.value) == (event.key.encode(), value)
    headers = dict(sent.headers)
    assert headers["ce_id"] == b"1" and not [name for name in headers if name.startswith("baoshi-parked")]
    assert [p.offset for p in await read_parked(with_topics) if not p.replayed] == [9]
    assert len((await run("parked", "list"))[1].splitlines()) == 1
    assert len((await run("parked", "list", "--all"))[1].splitlines()) == 2
    code, output = await run("parked", "replay", "--all")
    assert (code, output.splitlines()[-1]) == (1, "0 replayed, 1 left (--force sends them)")
    assert "@9  still unreadable: not JSON" in output
    assert (await run("parked", "replay", "--all", "--force"))[1].endswith("1 replayed\n")
    assert (await run("parked", "list"))[1] == "Nothing is parked\n"


async def test_many_are_replayed_by_a_filter_after_a_dry_run_and_an_answer(with_topics: Settings) -> None:
    events = [a_report("inquiry", text=str(n)) for n in range(3)]
    await park(with_topics, *(a_record(n, write_event(e), e.key) for n, e in enumerate(events)), a_record(9, b"{"))
    chosen = ("parked", "replay", "--reason", "POISON", "--type", "report")
    code, output = await run(*chosen, "--dry-run")
    assert (code, output.splitlines()[-1]) == (0, "3 would be replayed")
    for typed in ("n\n", ""):
        code, output = await run(*chosen, typed=typed)
        assert code == 1 and "Not confirmed, nothing was replayed" in output
    assert await records_of(with_topics, TOPIC) == []
    code, output = await run(*chosen, "--limit", "2", typed="y\n")
    assert (code, output.splitlines()[-1]) == (0, "2 replayed")
    code, output = await run(*chosen, "--yes", "--json")
    assert (code, [json.loads(said)["replayed"] for said in output.splitlines()]) == (0, [True])
    sent = await records_of(with_topics, TOPIC)
    assert sorted(record.value for record in sent) == sorted(map(write_event, events))
    lists = [json.loads(said) for said in (await run("parked", "list", "--all", "--json"))[1].splitlines()]
    assert [(one["offset"], one["replayed"], one["again"]["fits"]) for one in lists] == [
        *((n, True, True) for n in range(3)),
        (9, False, False),
    ]


async def test_a_long_list_says_what_it_leaves_out_and_reasons_are_counted(with_topics: Settings) -> None:
    await park(with_topics, *(a_record(n, b"{") for n in range(3)))
    code, output = await run("parked", "list", "--limit", "2")
    assert (code, output.splitlines()[-1]) == (0, "2 of 3 listed")
    code, output = await run("parked", "reasons")
    assert (code, [said.split()[0] for said in output.splitlines()]) == (0, ["1", "1", "1"])


async def test_a_replay_does_not_reset_the_residents_clock(with_topics: Settings) -> None:
    """It stood there for half an hour before anybody came to park it."""
    accepted = floor_ms(datetime.now(UTC)) - timedelta(minutes=30)
    event = a_report("inquiry", at=accepted)
    await park(with_topics, a_record(7, write_event(event), event.key, at=accepted + timedelta(milliseconds=5)))
    await replay(with_topics, await read_parked(with_topics))
    heard: list[Taken] = []

    async def work(batch: list[Taken]) -> None:
        heard.extend(batch)

    publisher = Publisher(with_topics, "tests")
    consumption = Consumption(with_topics, "tests", "routine", (TOPIC,), work, publisher)
    await consumption.start()
    try:
        for _ in range(400):
            if heard:
                break
            await asyncio.sleep(0.05)
    finally:
        await consumption.stop()
        await publisher.stop()
    assert heard[0].event.accepted_at == accepted


async def test_what_is_not_there_is_said(with_topics: Settings) -> None:
    await park(with_topics, a_record(7, b"{broken"))
    for arguments, code, words in (
        (("show", "feed-me"), 1, "No id begins with feed-me"),
        (("replay", "feed-me"), 1, "No id begins with feed-me"),
        (("replay",), 2, "Give ids, or filters, or --all"),
        (("replay", "feed-me", "--all"), 2, "Give ids, or filters, or --all"),
        (("list", "--since", "yesterday"), 2, "--since is no ISO time: yesterday"),
        (("show", "feed-me", "--lang", "zh"), 1, "没有以 feed-me 开头的编号"),
    ):
        assert await run("parked", *arguments) == (code, f"{words}\n")
    assert await records_of(with_topics, TOPIC) == []


async def test_trace_tells_the_story_in_both_languages(settings: Settings) -> None:
    life = a_whole_life()
    async with connect(settings) as client:
        mongo = database(client, settings)
        await apply_estates(mongo, [an_estate("lanting")])
        handlers = Handlers(Store(mongo), Numbers(mongo, Directory(mongo)))
        await handlers.on_batch(taken(life.events))
    code, english = await run("trace", life.report_id)
    assert code == 0, english
    for words in ("2026-000001 · inquiry · closed · 3栋1单元1201", "To customer_assistant: DO", "S4.2 v1"):
        assert words in english
    for n, logged in enumerate(taken(life.events)):
        assert f"{logged.incoming.topic}/3@{n}" in english
    assert "11-20 09:20:00.000" in english
    assert "派给customer_assistant:做" in (await run("trace", life.report_id, "--lang", "zh"))[1]
    assert "13800138000" not in english


async def test_statistics_in_both_languages_and_for_programs(settings: Settings) -> None:
    life = a_whole_life()
    async with connect(settings) as client:
        mongo = database(client, settings)
        await apply_estates(mongo, [an_estate("lanting")])
        await Handlers(Store(mongo), Numbers(mongo, Directory(mongo))).on_batch(taken(life.events))
    asked = ("statistics", "--estate", "lanting", "--month", "2026-11")
    code, english = await run(*asked)
    assert code == 0 and "inquiry" in english and "20m/20m/20m" in english
    code, chinese = await run(*asked, "--by", "month", "--by", "department", "--lang", "zh")
    assert code == 0 and "customer_assistant" in chinese and "超时" in chinese
    code, output = await run(*asked, "--json")
    (line,) = json.loads(output)["statistics"]
    assert (code, line["estate"], line["reports"], line["seconds"]["ended"]["max"]) == (0, "lanting", 1, 1200.0)
    assert "no reports" in (await run(*asked, "--drills"))[1]


async def test_statistics_names_the_option_that_is_wrong(settings: Settings) -> None:
    async with connect(settings) as client:
        await apply_estates(database(client, settings), [an_estate("lanting")])
    for arguments, words in (
        (("--month", "2026-13"), "--month"),
        (("--category", "plumbing"), "--category"),
        (("--by", "weather"), "Group by"),
        (("--month", "2026-11", "--to-month", "2026-10"), "before from_month"),
        (("--estate", "nowhere"), "nowhere"),
    ):
        code, output = await run("statistics", *arguments)
        assert code == 1 and words in output, arguments


async def test_trace_of_nothing(settings: Settings) -> None:
    assert await run("trace", "nonsense") == (1, "The register has no such report\n")
