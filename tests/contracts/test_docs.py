"""`baoshi docs`: writes the document, and records no schema that would break a reader."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.docs import Incompatible, as_text, mount, record_schemas

OLD: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
WIDER = {**OLD, "properties": {**OLD["properties"], "note": {"type": "string", "default": ""}}}
OTHER = {**OLD, "properties": {"id": {"type": "integer"}}}


@pytest.fixture
def app() -> typer.Typer:
    found = typer.Typer()
    mount(found)
    return found


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_it_writes_the_same_document_to_a_file_and_to_the_terminal(app: typer.Typer, tmp_path: Path) -> None:
    said = CliRunner().invoke(app, [])
    written = CliRunner().invoke(app, ["--out", str(tmp_path / "a.json")])
    assert (said.exit_code, written.exit_code, written.output) == (0, 0, "")
    assert json.loads(said.output) == read(tmp_path / "a.json")
    assert read(tmp_path / "a.json")["asyncapi"] == "3.0.0"


def test_a_new_schema_and_an_addition_are_recorded(tmp_path: Path) -> None:
    assert record_schemas(tmp_path, {"a.v1": OLD}) == ["a.v1"]
    assert record_schemas(tmp_path, {"a.v1": WIDER, "b.v1": OLD}) == ["a.v1", "b.v1"]
    assert record_schemas(tmp_path, {"a.v1": WIDER, "b.v1": OLD}) == []
    assert (read(tmp_path / "a.v1.json"), read(tmp_path / "b.v1.json")) == (WIDER, OLD)


def test_a_break_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    record_schemas(tmp_path, {"b.v1": OLD})
    with pytest.raises(Incompatible, match=r"b\.v1\.id: type changed"):
        record_schemas(tmp_path, {"a.v1": OLD, "b.v1": OTHER})
    assert {f.name: read(f) for f in tmp_path.iterdir()} == {"b.v1.json": OLD}


def test_a_new_version_stands_beside_the_old_one(tmp_path: Path) -> None:
    record_schemas(tmp_path, {"b.v1": OLD})
    record_schemas(tmp_path, {"b.v2": OTHER})
    assert {f.name: read(f) for f in tmp_path.iterdir()} == {"b.v1.json": OLD, "b.v2.json": OTHER}


def test_chinese_is_written_as_it_is_read() -> None:
    assert as_text({"zh": "报事"}) == '{\n  "zh": "报事"\n}\n'
