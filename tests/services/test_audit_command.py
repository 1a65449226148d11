"""`baoshi audit` on the stored cases of a real database."""

from datetime import UTC, datetime, timedelta

import pytest
import typer
from pymongo import MongoClient
from typer.testing import CliRunner

from cli.audit import mount
from tests.domain.test_auditing import dispatch_case, escalation_case, sent
from tests.support.stack import Names, StackAddress


@pytest.mark.stack
@pytest.mark.parametrize(("guarded", "code", "said"), [(True, 0, "no chain stalled"), (False, 1, "1 stalled")])
def test_exits_1_when_a_chain_stalled(
    stack: StackAddress, names: Names, monkeypatch: pytest.MonkeyPatch, guarded: bool, code: int, said: str
) -> None:
    monkeypatch.setenv("BAOSHI_MONGO", stack.mongo_uri)
    monkeypatch.setenv("BAOSHI_MONGO_DATABASE", names.database)
    monkeypatch.setenv("BAOSHI_LEASE_S", "0.2")
    later = datetime.now(UTC) + timedelta(days=1)
    deadlines = [{"name": "finish.go.1", "due": later, "armed_by": None}] if guarded else []
    with MongoClient(stack.mongo_uri, uuidRepresentation="standard") as client:
        store = client[names.database]
        store["dispatch_cases"].insert_one(dispatch_case("go.1"))
        store["escalation_cases"].insert_one(escalation_case(sent(), deadlines=deadlines, ring_at=later))
    app = typer.Typer()
    app.callback()(lambda: None)
    mount(app)
    result = CliRunner().invoke(app, ["audit", "--lang", "en"])
    assert (result.exit_code, said in result.output) == (code, True), result.output
