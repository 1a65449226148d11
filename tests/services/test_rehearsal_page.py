"""The page `/rehearsal`: who may, the form's token, what is shown; the work in a real process of its own."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from services.register.rehearsal import rehearsal_routes
from shared.contracts.vocabulary import Role
from shared.domain.playbooks.loading import PACKAGED
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.mongo import connect, database
from shared.platform.sessions import COOKIE, Sessions, Who
from shared.platform.settings import Settings
from tests.support.callers import pages_of
from tests.support.rehearsals import FROM, OTHER_LEADER, TO, an_evening_in, broken, sooner
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
LOCAL = timedelta(hours=8)
SPAN = {name: (at + LOCAL).replace(tzinfo=None).isoformat() for name, at in (("from", FROM), ("to", TO))}


class Still(Clock):
    """Months later, or whenever a test says."""

    time = TO + timedelta(days=99)

    def now(self) -> datetime:
        return self.time


class Office:
    """The register's page alone, and people who are signed in."""

    def __init__(self, settings: Settings, mongo: Any) -> None:
        self.mongo, self.clock = mongo, Still()
        self.sessions = Sessions("a key of tests, which is long enough", mongo, 10)
        directory = Directory(mongo, max_age_s=0)
        callers = Callers(directory, self.sessions)
        pages = pages_of("register", callers, settings)
        routes = [*rehearsal_routes(callers, directory, self.clock, pages, None), *pages.routes()]
        self.app = Starlette(routes=routes, middleware=pages.middleware())

    def of(self, *roles: Role, estate: str = "qinghe") -> "Person":
        who = Who("wang", "王主任", {estate: frozenset(roles)}, {estate: "head-1"}, None)
        return Person(self.app, self.sessions.issue(who, 1))


class Person:
    """A browser that is signed in."""

    def __init__(self, app: Any, session: Any) -> None:
        self.csrf = session.csrf
        self.browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://register.test", cookies={COOKIE: session.token}
        )

    async def rehearse(self, language: str = "zh", **fields: str) -> httpx.Response:
        said = {"token": self.csrf, "estate": "", **SPAN, **fields}
        return await self.browser.post("/rehearsal", params={"language": language}, data=said)


@pytest.fixture
async def office(
    stack: StackAddress, names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    """The worker's process reads the same settings, from its environment."""
    values = {"mongo": stack.mongo_uri, "mongo_database": names.database, "state_dir": str(tmp_path)}
    for name, value in values.items():
        monkeypatch.setenv(f"BAOSHI_{name.upper()}", value)
    settings = Settings()
    async with connect(settings) as client:
        mongo = database(client, settings)
        await an_evening_in(mongo)
        yield Office(settings, mongo)


async def test_what_is_to_come_is_not_rehearsed(office: Office) -> None:
    """The evening's ladders go on by the rules for ever; here it is only as late as the clock says."""
    office.clock.time = TO
    page = (await office.of("service_head").rehearse(to="2026-03-20T00:00")).text
    assert "与实际完全相同" in page and "新增" not in page


async def test_without_a_change_it_is_as_it_happened_and_says_so(office: Office) -> None:
    page = (await office.of("service_head").rehearse()).text
    assert "与实际完全相同" in page and "补录 1 宗" in page and "hold_lift" not in page
    english = (await office.of("service_head").rehearse("en")).text
    assert "is as it happened" in english and "与实际" not in english


async def test_a_changed_playbook_is_shown_side_by_side_in_both_languages(office: Office) -> None:
    director = office.of("management_director")
    page = (await director.rehearse(playbook=sooner())).text
    assert "提前 -18秒" in page and "03-07 03:00:13" in page and "03-07 03:00:31" in page
    assert 'class="badge drill"' in page, "the drill is shown as one"
    assert "earlier -18s" in (await director.rehearse("en", playbook=sooner())).text


async def test_a_changed_roster_tells_another_person(office: Office) -> None:
    page = (await office.of("service_head").rehearse(estate_file=OTHER_LEADER)).text
    assert "换人" in page and "leader-9" in page


async def test_mistakes_are_named_over_the_form_as_it_was(office: Office) -> None:
    head = office.of("service_head")
    for fields, status, words in (
        ({"playbook": broken()}, 422, "unknown role &#39;doctor&#39;"),
        ({"playbook": "<script>alert(1)"}, 422, "不是有效的 TOML"),
        ({"playbook": 'playbook = "../../evil"'}, 422, "看不出是哪个文件"),
        ({"estate_file": 'estate = "duli"\nzh = "独立"\nen = "Duli"\n'}, 422, "不是所选的小区"),
        ({"estate_file": 'estate = "qinghe"\nzh = "清河园"\n'}, 422, "en: 缺少"),
        ({"from": "2026-01-01T00:00"}, 422, "一次最多预演31天"),
        ({"to": "soon"}, 422, "请填写时间"),
        ({"estate": "duli"}, 422, "请选择小区"),
        ({"playbook": "x" * 300_000}, 413, "文件过长"),
    ):
        answer = await head.rehearse(**fields)
        assert (answer.status_code, words in answer.text) == (status, True), (fields, answer.text[:3000])
        assert "<script>alert" not in answer.text
    assert "doctor" in (await head.rehearse(playbook=broken())).text


async def test_it_is_for_heads_and_directors_of_their_own_estates(office: Office) -> None:
    for roles, status in ((("guard", "customer_assistant"), 403), (("service_head",), 200)):
        assert (await office.of(*roles).browser.get("/rehearsal")).status_code == status
    guard = await office.of("guard").rehearse()
    assert guard.status_code == 403 and "只对客服主任和管理处主任开放" in guard.text
    assert (await office.of("guard", estate="*").browser.get("/rehearsal")).status_code == 403
    elsewhere = office.of("service_head", estate="duli")
    assert "qinghe" not in (await elsewhere.browser.get("/rehearsal")).text
    assert (await elsewhere.rehearse(estate="qinghe")).status_code == 422
    assert ">0</dd>" in (await elsewhere.rehearse()).text, "none of its reports"


async def test_a_form_without_the_pages_token_is_refused(office: Office) -> None:
    head = office.of("service_head")
    answer = await head.rehearse(token="of another session")
    assert answer.status_code == 403 and "hold_lift" not in answer.text
    head.browser.cookies.clear()
    answer = await head.rehearse()
    assert answer.status_code == 303 and answer.headers["location"].startswith("/session?next=")


async def test_a_file_as_it_is_can_be_begun_with_and_no_other_is_given(office: Office) -> None:
    head = office.of("service_head")
    page = (await head.browser.get("/rehearsal", params={"file": "medical.toml"})).text
    assert "id = &#34;hold_lift&#34;" in page
    for name in ("../settings.py", "digests.toml", "/etc/passwd"):
        assert "</textarea>" in (page := (await head.browser.get("/rehearsal", params={"file": name})).text)
        assert ">root:" not in page and "sha256" not in page
    assert (PACKAGED / "digests.toml").exists()


async def test_what_takes_too_long_is_ended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOSHI_REHEARSAL_SECONDS", "0.001")
    slow = Office(Settings(), office.mongo)
    answer = await slow.of("service_head").rehearse()
    assert answer.status_code == 422 and "请缩短期间" in answer.text
