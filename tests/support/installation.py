"""A whole installation as a test sees it: the real processes, the HTTP doors, and ways to kill and to wait."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2 as httpx

from deploy.local.process import ManagedProcess
from shared.contracts.ids import parse_report_id
from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.admin_key import install_admin_key
from shared.platform.estate_store import add_key, apply_estates
from shared.platform.mongo import Database, Document, connect, database
from shared.platform.settings import Settings
from shared.platform.topic_admin import create_topics
from tests.support.filling import record_of
from tests.support.playbook_coverage import SESSION
from tests.support.stack import Names, free_ports

SERVICES: dict[str, tuple[str, ...]] = {
    "intake": ("services.intake.main",),
    "dispatch.emergency": ("services.dispatch.main", "--lane", "emergency"),
    "dispatch.routine": ("services.dispatch.main", "--lane", "routine"),
    "escalation.emergency": ("services.escalation.main", "--lane", "emergency"),
    "escalation.routine": ("services.escalation.main", "--lane", "routine"),
    "register": ("services.register.main",),
}
NOTIFY: dict[str, tuple[str, ...]] = {
    "notify": ("services.notify.main",),
    "notify.emergency": ("services.notify.main", "--lane", "emergency"),
    "notify.routine": ("services.notify.main", "--lane", "routine"),
}
ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


class Installation:
    """Processes of one test or session. `speed` makes the clock run faster, so that limits of minutes pass.

    `devices`: with notify, for estates that have connected some; `more` are settings of all processes.
    """

    def __init__(
        self,
        kafka: str,
        mongo: str,
        names: Names,
        folder: Path,
        speed: float = 1.0,
        *,
        devices: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.speed = folder, speed
        self.services = {**SERVICES, **NOTIFY} if devices else SERVICES
        self.environment = {
            "BAOSHI_KAFKA": kafka,
            "BAOSHI_MONGO": mongo,
            "BAOSHI_MONGO_DATABASE": names.database,
            "BAOSHI_TOPIC_PREFIX": names.topic_prefix,
            "BAOSHI_STATE_DIR": str(folder / "state"),
            "BAOSHI_LOG_LEVEL": "WARNING",
            "BAOSHI_DIRECTORY_AGE_S": "2",
            "BAOSHI_NOTIFY_TESTS": "false",
            "PYTHONPATH": str(ROOT),
            **(more or {}),
        }
        if speed != 1.0:
            self.environment |= {
                "BAOSHI_CLOCK_SPEED": str(speed),
                "BAOSHI_CLOCK_ORIGIN": datetime.now(UTC).isoformat(),
                "BAOSHI_CLOCK_START": START.isoformat(),
            }
        self.settings = Settings(
            **{k.removeprefix("BAOSHI_").lower(): v for k, v in self.environment.items() if "BAOSHI" in k}  # type: ignore[arg-type]
        )
        self.ports = dict(zip(self.services, free_ports(len(self.services)), strict=True))
        for service in ("intake", "register", "notify"):
            address = self.address(service) if service in self.ports else ""
            self.environment[f"BAOSHI_PAGES_{service.upper()}"] = address
        if devices:
            self.environment["BAOSHI_INTAKE_NOTIFY"] = self.address("notify")
        self.processes = {name: self._process(name, arguments) for name, arguments in self.services.items()}
        self.key = ""
        self.filed: list[str] = []
        self._client = httpx.AsyncClient(timeout=10)
        self._mongo = connect(self.settings)
        self._playbooks = load_playbooks()

    @property
    def store(self) -> Database:
        return database(self._mongo, self.settings)

    def _process(self, name: str, arguments: Iterable[str]) -> ManagedProcess:
        environment = {**self.environment, "BAOSHI_PORT": str(self.ports[name])}
        return ManagedProcess(name, [sys.executable, "-m", *arguments], self.folder / "run", environment)

    def copy_of(self, name: str, number: int = 2) -> ManagedProcess:
        """A second copy of a service, with its own number and port."""
        environment = {**self.environment, "BAOSHI_PORT": str(free_ports(1)[0]), "BAOSHI_COPY_NUMBER": str(number)}
        command = [sys.executable, "-m", *self.services[name]]
        return ManagedProcess(f"{name}.{number}", command, self.folder / "run", environment)

    async def prepare(self, *estates: Estate) -> None:
        """Topics, estates and the administrator's key, before any service starts."""
        await create_topics(self.settings)
        await apply_estates(self.store, estates)
        self.key = await install_admin_key(self.store, self.settings.state_dir)

    async def start(self, *names: str) -> None:
        """Starts these services, or all, and waits until each is ready."""
        chosen = names or tuple(self.services)
        for name in chosen:
            await asyncio.to_thread(self.processes[name].start)
        await asyncio.gather(*(self.until_ready(name) for name in chosen))

    async def stop(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(p.stop) for p in self.processes.values()))
        await self._client.aclose()
        await self._mongo.close()

    async def restart(self, name: str) -> None:
        """What a supervisor does after a kill."""
        await asyncio.to_thread(self.processes[name].start)
        await self.until_ready(name)

    async def until_ready(self, name: str, seconds: float = 60.0) -> None:
        async def ready() -> bool:
            self.processes[name].check_alive()
            try:
                answer = await self._client.get(f"{self.address(name)}/health/ready")
            except httpx.HTTPError:
                return False
            return answer.status_code == 200

        assert await until(ready, seconds), f"{name} is not ready: {self.processes[name].log_tail()}"

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    async def add_key(self, estate: str, *roles: Role) -> str:
        """A key of one estate; its secret, once every service's cached directory knows it."""
        _, secret = await add_key(self.store, estate, roles)

        async def known() -> bool:
            return (await self.get("/v1/reports", secret=secret)).status_code != 401 and (
                await self.post("/v1/reports", {}, secret=secret)
            ).status_code != 401

        assert await until(known, 60), "the new key is not known"
        return secret

    async def post(
        self, path: str, body: Any, key: str | None = None, language: str = "zh", secret: str | None = None
    ) -> httpx.Response:
        """To intake, as the administrator unless a `secret` is given; `key` is an Idempotency-Key."""
        headers = {"Authorization": f"Bearer {secret or self.key}", "Accept-Language": language}
        if key:
            headers["Idempotency-Key"] = key
        return await self._client.post(self.address("intake") + path, json=body, headers=headers)

    async def get(self, path: str, secret: str | None = None, **query: Any) -> httpx.Response:
        """From the register."""
        headers = {"Authorization": f"Bearer {secret or self.key}"}
        return await self._client.get(self.address("register") + path, params=query, headers=headers)

    async def file(self, category: str, key: str | None = None, estate: str = "qinghe", **fields: Any) -> str:
        """Files a report and gives its id."""
        answer = await self.post(
            "/v1/reports", {"estate": estate, "category": category, **fields}, key or uuid4().hex
        )
        assert answer.status_code == 202, answer.text
        self.filed.append(str(answer.json()["report_id"]))
        return self.filed[-1]

    async def reply(self, task_id: str, kind: str, by: str, person: str | None = None, **fields: Any) -> str:
        """Answers a task and gives the answer's event id."""
        body = {"type": kind, "by": {"role": by, **({"person": person} if person else {})}, **fields}
        answer = await self.post(f"/v1/tasks/{task_id}/replies", body, uuid4().hex)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["event_id"])

    async def amend(self, report_id: str, kind: str, by: str, **fields: Any) -> str:
        """Amends a report and gives the amendment's event id."""
        body = {"type": kind, "by": {"role": by}, **fields}
        answer = await self.post(f"/v1/reports/{report_id}/amendments", body, uuid4().hex)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["event_id"])

    async def events(self, report_id: str, type_name: str | None = None) -> list[Document]:
        """What the register's log holds of a report: each `body`, in the order of the broker's time."""
        query = {"report_id": report_id, **({"type": type_name} if type_name else {})}
        found = self.store["events"].find(query).sort([("at", 1), ("topic", 1), ("offset", 1)])
        bodies = [d["body"] async for d in found]
        SESSION.see_documents(bodies)
        return bodies

    async def task(self, report_id: str, step: str, n: int = 1, seconds: float = 30.0) -> str:
        """The task's id, once the register has it."""
        task_id = f"{report_id}.{step}.{n}"

        async def assigned() -> bool:
            return any(t["task_id"] == task_id for t in await self.events(report_id, "task.assigned"))

        steps = [t["task_id"].rsplit(".", 2)[1:] for t in await self.events(report_id, "task.assigned")]
        assert await until(assigned, seconds), f"no {step}.{n}; there are {steps}"
        return task_id

    async def ended(self, task_id: str, seconds: float = 30.0) -> str:
        """How the task ended: its outcome, or `withdrawn`."""
        report_id = task_id.rsplit(".", 2)[0]
        found: list[str] = []

        async def has_ended() -> bool:
            ends = await self.events(report_id, "task.ended") + await self.events(report_id, "task.withdrawn")
            found[:] = [e.get("outcome", "withdrawn") for e in ends if e["task_id"] == task_id]
            return bool(found)

        assert await until(has_ended, seconds), f"{task_id} is still open"
        return found[0]

    async def complete(self, report_id: str, step: str, outcome: str, by: str, n: int = 1, **record: Any) -> str:
        """Waits for the task, completes it with everything recorded, waits for its end."""
        task_id = await self.task(report_id, step, n)
        await self._say(task_id, step, outcome, by, record)
        assert await self.ended(task_id) == outcome
        return task_id

    async def on_the_way(self, report_id: str, step: str, outcome: str, by: str, n: int = 1, **record: Any) -> str:
        """The same with an outcome that leaves its task open."""
        task_id = await self.task(report_id, step, n)
        await self._say(task_id, step, outcome, by, record)
        await self.seen(report_id, "task.changed", task_id=task_id, what="noted", note=outcome)
        return task_id

    async def refused(self, report_id: str, step: str, outcome: str, by: str, **record: Any) -> str:
        """The same with a word that is not taken: why."""
        task_id = await self.task(report_id, step)
        said = await self._say(task_id, step, outcome, by, record)
        return str((await self.seen(report_id, "reply.refused", refused=UUID(said)))["reason"])

    async def _say(self, task_id: str, step: str, outcome: str, by: str, record: dict[str, Any]) -> str:
        """Everything that is to be recorded; `...` leaves a field out."""
        report_id = task_id.rsplit(".", 2)[0]
        filled = {**record_of(self._playbooks, parse_report_id(report_id).category, step), **record}
        filled = {name: value for name, value in filled.items() if value is not ...}
        return await self.reply(task_id, "complete", by, outcome=outcome, record=filled)

    async def acknowledge(self, report_id: str, step: str, *persons: str) -> None:
        """Each of these has the task, or the notice that wants it, and says 明白."""
        for person in persons:
            task = await self.seen(report_id, "task.assigned", step=step, to__person=person)
            await self.reply(task["task_id"], "acknowledge", task["to"]["role"], person)

    async def apply(self, estate: Estate) -> None:
        """When this returns every service works by it: no directory is older than its setting allows."""
        await apply_estates(self.store, [estate])
        await asyncio.sleep(self.settings.directory_age_s + 1)

    async def seen(self, report_id: str, type_name: str, seconds: float = 30.0, **fields: Any) -> Document:
        """The first event of that type and those fields (`to__role` goes inside), once the register has it."""
        found: list[Document] = []

        async def there() -> bool:
            events = await self.events(report_id, type_name)
            found[:] = [e for e in events if all(_inside(e, path) == value for path, value in fields.items())]
            return bool(found)

        assert await until(there, seconds), f"no {type_name} {fields}"
        return found[0]


async def until(condition: Callable[[], Any], seconds: float = 30.0) -> bool:
    """Patience for what other processes do; a test's failure is what did not come, never how long it took."""
    for _ in range(int(seconds / 0.1)):
        if await condition():
            return True
        await asyncio.sleep(0.1)
    return False


def _inside(event: Document, path: str) -> Any:
    value: Any = event
    for part in path.split("__"):
        value = value.get(part) if isinstance(value, dict) else None
    return value
