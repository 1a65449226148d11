"""The register's window, over a real MongoDB: filters, pages, the walls between estates, and what is masked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest

from shared.contracts.event import Words
from shared.contracts.handovers import HandoverGiven, HandoverTaken
from shared.contracts.ids import ReportId
from shared.contracts.replies import ReportJoined, TaskNoted
from shared.contracts.tasks import ReplyRefused
from shared.contracts.vocabulary import Role
from shared.domain.estates.households import Household, KeyHolder
from shared.domain.estates.rooms import Room
from shared.platform.household_store import household_count, replace_households
from shared.platform.service import serving
from tests.support.lives import MORNING, Life, a_whole_life, by
from tests.support.register_case import Register, a_register
from tests.support.stack import Names, StackAddress, free_ports

pytestmark = pytest.mark.stack


@pytest.fixture
async def window(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[Register]:
    async with a_register(stack.mongo_uri, names.database, tmp_path) as one:
        yield one


def an_evening() -> dict[str, Life]:
    """Reports that differ in what a list can be asked for, a minute apart."""
    lives = {
        "done": a_whole_life(),
        "silent": Life("medical", at=MORNING + timedelta(minutes=1), place="南门", text="老人(晕倒)"),
        "heard": Life("medical", at=MORNING + timedelta(minutes=2), place="5栋", reporter="李女士"),
        "elsewhere": Life("medical", at=MORNING + timedelta(minutes=3), estate="bihai", text="晕倒"),
        "new": Life("inquiry", at=MORNING + timedelta(minutes=4), text="a.b"),
    }
    for name, acknowledged in (("silent", False), ("heard", True), ("elsewhere", False)):
        life = lives[name]
        life.opened()
        task = life.task("go", role="guard", ack_wait=30, finish_by=life.at(300))
        if acknowledged:
            life.changed(task, "acknowledged", 1, by=by("guard", "guard-7"))
            life.ended(life.task("look", role="guard"), 2, by=by("guard", "guard-7"))
    return lives


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"done", "silent", "heard", "elsewhere", "new"}),
    ({"estate": "bihai"}, {"elsewhere"}),
    ({"estate": "nowhere"}, set()),
    ({"category": "inquiry"}, {"done", "new"}),
    ({"state": "closed"}, {"done"}),
    ({"state": "filed"}, {"new"}),
    ({"person": "guard-7"}, {"heard"}),
    ({"person": "李女士"}, {"heard"}),
    ({"person": "李"}, set()),
    ({"text": "晕倒"}, {"silent", "elsewhere"}),
    ({"text": "(晕"}, {"silent"}),
    ({"text": "南门"}, {"silent"}),
    ({"text": "A.B"}, {"new"}),
    ({"text": "a.*"}, set()),
    ({"overdue": "true"}, {"silent", "elsewhere"}),
    ({"overdue": "false", "category": "medical"}, {"heard"}),
    ({"unacknowledged": "true"}, {"silent", "elsewhere"}),
    ({"unacknowledged": "false", "category": "medical"}, {"heard"}),
    ({"from": (MORNING + timedelta(minutes=2)).isoformat()}, {"heard", "elsewhere", "new"}),
    ({"to": (MORNING + timedelta(minutes=2)).isoformat()}, {"done", "silent"}),
    ({"text": "晕倒", "estate": "lanting", "state": "open"}, {"silent"}),
]


async def test_each_filter_and_their_conjunction(window: Register) -> None:
    lives = an_evening()
    await window.take(*lives.values())
    by_id = {life.report_id: name for name, life in lives.items()}
    for query, names in FILTERS:
        assert {by_id[report] for report in await window.listed(**query)} == names, query


async def test_what_is_overdue_is_compared_with_now(window: Register) -> None:
    lives = an_evening()
    await window.take(*lives.values())
    window.clock.time = MORNING + timedelta(hours=6)
    assert lives["heard"].report_id in await window.listed(overdue="true")
    window.clock.time = MORNING
    assert await window.listed(overdue="true") == []


async def test_pages_hold_each_report_once_though_others_are_filed_meanwhile(window: Register) -> None:
    lives = [Life(at=MORNING + timedelta(minutes=n // 3), text=str(n)) for n in range(8)]
    await window.take(*lives)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await window.get("/v1/reports", limit=3, **cursor)).json()
        seen += [report["report_id"] for report in page["reports"]]
        await window.take(Life(at=MORNING + timedelta(hours=1), text=f"meanwhile {len(seen)}"))
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    order = sorted(lives, key=lambda life: (life.start, life.report_id), reverse=True)
    assert seen == [life.report_id for life in order]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTkgeA=="}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"category": "plumbing"}, "category"),
        ({"from": "2026-11-20T00:00:00"}, "from"),
        ({"text": "a\0b"}, "text"),
        ({"overdue": "perhaps"}, "overdue"),
        ({"overdeu": "true"}, "overdeu"),
        ({"since": "2026-11-20T00:00:00Z"}, "since"),
    ],
)
async def test_a_wrong_parameter_is_named(window: Register, query: dict[str, Any], field: str) -> None:
    answer = await window.get("/v1/reports", **query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_another_estates_reports_are_not_there(window: Register) -> None:
    lives = an_evening()
    await window.take(*lives.values())
    secret = await window.key("service_head", estate="bihai")
    theirs = lives["silent"]
    assert await window.listed(secret) == [lives["elsewhere"].report_id]
    assert (await window.get(f"/v1/reports/{theirs.report_id}", secret)).status_code == 404
    assert (await window.get(f"/v1/replies/{theirs.filed.event_id}", secret)).status_code == 404
    assert (await window.get("/v1/reports", secret, estate="lanting")).status_code == 404
    assert (await window.get("/v1/statistics", secret, estate="lanting")).status_code == 404
    figures = (await window.get("/v1/statistics", secret)).json()["statistics"]
    assert [line["estate"] for line in figures] == ["bihai"]


async def test_what_does_not_exist_and_what_belongs_to_others_is_told_alike(window: Register) -> None:
    life = Life(estate="lanting")
    await window.take(life)
    secret = await window.key("service_head", estate="bihai")
    unknown = str(ReportId("routine", "inquiry", "bihai", "0" * 32))
    answers = [await window.get(f"/v1/reports/{r}", secret) for r in (life.report_id, unknown, "nonsense")]
    assert {(a.status_code, a.text) for a in answers} == {(404, answers[0].text)}


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nobody", "Basic YTpi"])
async def test_without_a_key_nothing_is_told(window: Register, header: str | None) -> None:
    for path in ("/v1/reports", "/v1/reports/x", f"/v1/replies/{uuid4()}", "/v1/statistics", "/v1/stream"):
        answer = await window.client.get(path, headers={"Authorization": header} if header else {})
        assert answer.status_code == 401, path


async def test_a_refusal_speaks_the_callers_language(window: Register) -> None:
    path = f"/v1/reports/{Life().report_id}"
    told = {
        language: (await window.get(path, accept=language)).json()["detail"]
        for language in ("zh-CN", "en", "fr", "en;q=0.3, zh", "zh;q=0.3, en-GB;q=0.9")
    }
    zh, en = told["zh-CN"], told["en"]
    assert zh != en
    assert [told[name] for name in ("fr", "en;q=0.3, zh", "zh;q=0.3, en-GB;q=0.9")] == [zh, zh, en]


@pytest.mark.parametrize("role", ["guard", "service_head"])
async def test_names_and_phones_are_for_those_whose_role_allows_it(window: Register, role: Role) -> None:
    life = a_whole_life()
    await window.take(life)
    secret = await window.key(role)
    allowed = role == "service_head"
    for path in ("/v1/reports", f"/v1/reports/{life.report_id}"):
        text = (await window.get(path, secret)).text
        assert ("13800138000" in text, "王先生" in text) == (allowed, allowed), path
    assert await window.listed(secret, person="王先生") == ([life.report_id] if allowed else [])


RINGS: list[tuple[str, set[str]]] = [
    ("13800138000", {"mobile"}),
    ("+86 138-0013-8000", {"mobile"}),
    ("8000", {"mobile"}),
    ("0012", {"landline"}),
    ("010-88880012", {"landline", "extension"}),
    ("1380013", {"mobile"}),
    ("1380", set()),
    ("000", set()),
    ("先生", {"mobile"}),
    ("王", {"mobile"}),
    (".*", set()),
]


async def test_who_rings_again_is_found_by_phone_or_name_by_those_who_may_see_them(window: Register) -> None:
    lives = {
        "mobile": Life("inquiry", reporter="王先生", reporter_phone="+8613800138000"),
        "landline": Life("medical", text="8000", patient_phone="+861088880012"),
        "extension": Life("medical", reporter="李女士", patient_phone="+861088880012;ext=7"),
        "nobody": Life("repair", text="13800138000"),
    }
    await window.take(*lives.values())
    names = {life.report_id: name for name, life in lives.items()}
    desk, guard = await window.key("customer_assistant"), await window.key("guard")
    for said, whose in RINGS:
        assert {names[report] for report in await window.listed(desk, rings=said)} == whose, said
        assert await window.listed(guard, rings=said) == []


async def test_a_report_with_its_whole_story(window: Register) -> None:
    life = a_whole_life()
    await window.take(life)
    report = (await window.get(f"/v1/reports/{life.report_id}")).json()
    assert (report["no"], report["state"], report["content"]) == ("2026-000001", "closed", "问停车费")
    assert len(report["story"]) == len(life.events)
    assigned = next(entry for entry in report["story"] if entry["type"] == "task.assigned")
    assert (assigned["clause"], assigned["playbook_version"]) == (["S4.2"], 1)
    assert (assigned["topic"], assigned["partition"], assigned["offset"]) == ("tasks.routine", 3, 2)
    assert [rung["role"] for rung in report["row"]["rungs"]] == ["service_head", "management_director"]


async def test_the_same_request_filed_in_another_class_is_marked(window: Register) -> None:
    life = Life("inquiry")
    other = str(ReportId("emergency", "medical", "lanting", life.filed.event_id.hex))
    twin = Life("inquiry")
    twin.events = [life.filed.model_copy(update={"report_id": other, "category": "medical", "lane": "emergency"})]
    await window.take(life)
    await window.take(twin)
    reports = {r["report_id"]: r for r in (await window.get("/v1/reports")).json()["reports"]}
    assert reports[life.report_id]["filed_twice_as"] == [other]
    assert reports[other]["filed_twice_as"] == [life.report_id]


async def test_what_became_of_a_reply(window: Register) -> None:
    life = Life()
    life.opened()
    task = life.task("answer_now")
    note = life.said(TaskNoted, 1, task_id=task, note="记", by=by("guard"))
    assert (await window.get(f"/v1/replies/{note.event_id}")).status_code == 404
    await window.take(life)
    assert (await window.get(f"/v1/replies/{note.event_id}")).json()["status"] == "received"
    words = Words(zh="不归你", en="NOT YOURS")
    life.fact(ReplyRefused, 2, refused=note.event_id, because_of=note.event_id, reason="not_yours", words=words)
    await window.take(life)
    answer = (await window.get(f"/v1/replies/{note.event_id}")).json()
    assert (answer["status"], answer["reason"], answer["words"]["en"]) == ("refused", "not_yours", "NOT YOURS")


async def test_statistics_are_of_the_time_asked_for(window: Register) -> None:
    await window.take(*an_evening().values())
    window.clock.time = MORNING + timedelta(days=1)
    lines = (await window.get("/v1/statistics", estate="lanting")).json()["statistics"]
    assert [(line["category"], line["reports"], line["open"], line["overdue_now"]) for line in lines] == [
        ("inquiry", 2, 1, 0),
        ("medical", 2, 2, 2),
    ]
    window.clock.time = MORNING + timedelta(days=40)
    assert (await window.get("/v1/statistics")).json()["statistics"] == []


FIGURES: list[tuple[dict[str, Any], list[tuple[str, ...]]]] = [
    ({}, [("bihai", "medical"), ("lanting", "inquiry"), ("lanting", "medical")]),
    ({"category": "inquiry"}, [("lanting", "inquiry")]),
    ({"from_month": "2026-11", "group_by": "month"}, [("2026-11",)]),
    ({"from_month": "2026-10", "to_month": "2026-10"}, []),
    ({"from_month": "2026-10", "to_month": "2026-11", "group_by": "month,estate"},
     [("2026-11", "bihai"), ("2026-11", "lanting")]),
    ({"group_by": "department"}, [("customer_assistant",), ("guard",)]),
    ({"group_by": "estate", "department": "customer_assistant"}, [("lanting",)]),
    ({"drills": "true"}, [("lanting", "repair")]),
]  # fmt: skip


async def test_what_makes_a_line_of_the_figures(window: Register) -> None:
    drill = Life("repair", drill=True)
    await window.take(*an_evening().values(), drill)
    for query, groups in FIGURES:
        answer = (await window.get("/v1/statistics", **query)).json()
        assert [tuple(line[name] for name in answer["group_by"]) for line in answer["statistics"]] == groups, query


async def test_return_visits_are_measured_by_the_quota_of_their_playbook(window: Register) -> None:
    life = Life("repair")
    life.opened()
    visit = life.task("return_visit_repair", 2, optional=True, record=("visit_mark",))
    life.closed(2)
    life.ended(visit, 9, "satisfied", record={"visit_mark": "A"})
    await window.take(life)
    (line,) = (await window.get("/v1/statistics")).json()["statistics"]
    visits = line["return_visits"]
    assert (visits["cases"], visits["visited"], visits["marks"]["A"], visits["met"]) == (1, 1, 1, True)
    assert visits["quotas"][0]["quota"] == 60


async def test_a_caller_is_one_only_of_a_main_report_that_is_real(window: Register) -> None:
    """Also where that one was filed before the time that is asked for."""
    old, drill = Life("repair", at=MORNING - timedelta(days=40)), Life("repair", drill=True)
    mains = {"real": old.report_id, "drill": drill.report_id, "never": f"routine.repair.lanting.{'f' * 32}"}
    callers = [Life("repair", text=name, same_event_as=main) for name, main in mains.items()]
    never = Life("repair", text="named only")
    never.report_id, never.events = mains["never"], []
    never.said(ReportJoined, 1, by_report_id=callers[2].report_id, by=by("customer_assistant"))
    await window.take(old, drill, never, *callers)
    (line,) = (await window.get("/v1/statistics")).json()["statistics"]
    assert (line["reports"], line["callers"]["count"]) == (2, 1)


async def test_what_was_written_up_is_found_in_the_month_in_which_it_happened(window: Register) -> None:
    paper = Life("repair", written_up=True)
    paper.events = [paper.filed.model_copy(update={"occurred_at": MORNING - timedelta(days=40)})]
    await window.take(paper)
    for month, found in (("2026-10", 1), ("2026-11", 0)):
        answer = (await window.get("/v1/statistics", from_month=month, to_month=month)).json()
        assert len(answer["statistics"]) == found
    assert await window.listed() == [paper.report_id]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-21T00:00:00Z", "to": "2026-11-20T00:00:00Z"}, "from"),
        ({"from_month": "2026-13"}, "from_month"),
        ({"from_month": "2026-11", "to_month": "2026-10"}, "to_month"),
        ({"to_month": "2026-10"}, "to_month"),
        ({"from_month": "2026-10", "from": "2026-11-20T00:00:00Z"}, "from_month"),
        ({"group_by": "weather"}, "group_by"),
        ({"group_by": ""}, "group_by"),
        ({"category": "plumbing"}, "category"),
        ({"drills": "perhaps"}, "drills"),
        ({"form_month": "2026-11"}, "form_month"),
        ({"since": "2026-11-20T00:00:00Z"}, "since"),
    ],
)
async def test_a_wrong_parameter_of_the_figures_is_named(
    window: Register, query: dict[str, Any], field: str
) -> None:
    answer = await window.get("/v1/statistics", **query)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_stopped_drill_and_a_main_report_in_the_list(window: Register) -> None:
    drill, main = Life("medical", drill=True), Life("repair")
    drill.opened()
    drill.closed(1, "drill_stopped")
    main.said(ReportJoined, 1, by_report_id="other", household="3-1201", by=by("customer_assistant"))
    await window.take(drill, main)
    assert await window.listed(state="drill_stopped") == [drill.report_id]
    report = (await window.get(f"/v1/reports/{main.report_id}")).json()
    assert (report["callers"], report["row"]["joined"][0]["report_id"]) == (1, "other")


async def test_the_stream_tells_of_own_reports_only(window: Register) -> None:
    """Over a real socket, since a stream that is buffered on its way is none."""
    (port,) = free_ports(1)
    headers = {"Authorization": f"Bearer {await window.key('guard', estate='bihai')}"}
    async with (
        serving(window.app, "127.0.0.1", port),
        window.live.watch.running(),
        httpx.AsyncClient(timeout=20) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/v1/stream", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        filing = asyncio.create_task(_keep_filing(window))
        told = [line async for line in _lines(answer, 6)]
        filing.cancel()
    assert set(told[0::3]) == {"event: report"}
    assert all(line.startswith("data: emergency.medical.bihai.") for line in told[1::3])
    assert all(line.startswith("id: ") for line in told[2::3])


async def _lines(answer: httpx.Response, most: int) -> AsyncIterator[str]:
    """Of the events `report` only: the first lines that are not blank."""
    wanted = False
    async for line in answer.aiter_lines():
        wanted = line == "event: report" if line.startswith("event: ") else wanted
        if line and wanted:
            yield line
            most -= 1
        if not most:
            return


async def _keep_filing(window: Register) -> None:
    """The stream begins when the server has asked MongoDB for it, which no answer tells."""
    for n in range(1000):
        await window.take(Life("inquiry", text=str(n)), Life("medical", estate="bihai", text=str(n)))
        await asyncio.sleep(0.02)


async def test_health_tells_what_is_missing(window: Register) -> None:
    assert (await window.client.get("/health/ready")).status_code == 200
    window.parts["kafka"] = False
    answer = await window.client.get("/health/ready")
    assert (answer.status_code, answer.json()["kafka"]) == (503, False)
    assert (await window.client.get("/health/live")).status_code == 200
    assert "baoshi_records_total" in (await window.client.get("/metrics")).text
    paths = (await window.client.get("/openapi.json")).json()["paths"]
    assert {"/v1/reports", "/v1/reports/{report_id}", "/v1/replies/{event_id}", "/v1/statistics"} <= set(paths)


async def test_a_hand_over_is_shown_with_both_signatures_and_names_by_role(window: Register) -> None:
    given = HandoverGiven(**_of_the_estate(0), by=by("customer_assistant", "desk-1"), items=("r",), note="看9栋")
    taken_over = HandoverTaken(**_of_the_estate(5), by=by("control_room", "cctv-1"), given=given.event_id)
    await window.take_events(given, taken_over)
    desk, guard = await window.key("customer_assistant"), await window.key("guard")
    (line,) = (await window.get("/v1/estates/lanting/handovers", desk)).json()["handovers"]
    assert (line["items"], line["note"], line["taken_by"]["role"]) == (["r"], "看9栋", "control_room")
    assert "name" in line["given_by"]
    (line,) = (await window.get("/v1/estates/lanting/handovers", guard)).json()["handovers"]
    assert "name" not in line["given_by"]
    assert (await window.get("/v1/estates/bihai/handovers", desk)).status_code == 404
    assert (await window.get("/v1/estates/bihai/handovers")).json() == {"handovers": []}
    assert (await window.get(f"/v1/replies/{given.event_id}", desk)).json()["status"] == "taken"


def _of_the_estate(minute: int) -> dict[str, Any]:
    at = MORNING + timedelta(minutes=minute)
    return {"event_id": uuid4(), "report_id": "", "estate_id": "lanting", "occurred_at": at, "accepted_at": at}


async def test_what_is_known_of_a_room_is_for_the_desk_alone_and_each_reading_is_kept(window: Register) -> None:
    ill = Life("medical", patient_place="3栋1单元1201", building="b3", help=("ambulance",), reporter="王先生")
    near = Life("medical", at=MORNING + timedelta(minutes=1), patient_place="3栋1单元1202", building="b3")
    leak = Life(
        "repair", at=MORNING + timedelta(minutes=2), place="3栋1201", building="b3", reporter_phone="13800138000"
    )
    await window.take(ill, near, leak)
    row = Household(
        room="3-1-1201", alone=True, chronic="冠心病", key_holders=(KeyHolder(name="王芳", phone="138"),)
    )
    await replace_households(window.mongo, "lanting", [(Room("b3", "1", "1201"), row)])
    desk, guard = await window.key("customer_assistant"), await window.key("guard")
    seen = (await window.get("/v1/estates/lanting/rooms", desk, place="3-1-1201")).json()
    assert (seen["room"], [r["report_id"] for r in seen["reports"]]) == (
        "3栋1单元1201",
        [leak.report_id, ill.report_id],
    )
    assert (
        seen["households"][0]["chronic"] == "冠心病" and seen["households"][0]["key_holders"][0]["phone"] == "138"
    )
    assert [a["report_id"] for a in seen["ambulances"]] == [ill.report_id]
    hidden = await window.get("/v1/estates/lanting/rooms", guard, place="3-1-1201")
    assert hidden.json()["households"] == [] and "13800138000" not in hidden.text and "王先生" not in hidden.text
    (reading,) = await window.mongo["readings"].find().to_list()
    assert (reading["room"], reading["why"], reading["roles"]) == ("3栋1单元1201", "desk", ["customer_assistant"])
    assert (await window.get("/v1/estates/bihai/rooms", desk, place="3-1-1201")).status_code == 404
    assert (await window.get("/v1/estates/lanting/rooms", desk, place="门口")).json()["room"] is None


async def test_a_list_of_households_is_replaced_as_a_whole(window: Register) -> None:
    rows = [(Room("b3", "1", n), Household(room=n)) for n in ("101", "102")]
    assert await replace_households(window.mongo, "lanting", rows) == 0
    assert await replace_households(window.mongo, "bihai", rows[:1]) == 0
    assert await replace_households(window.mongo, "lanting", rows[:1]) == 2
    assert [await household_count(window.mongo, code) for code in ("lanting", "bihai")] == [1, 1]
