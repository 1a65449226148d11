"""`baoshi docs`: the AsyncAPI 3 document, and the recording of the contracts' schemas."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.compatibility import breaks
from shared.contracts.shapes import schemas
from shared.platform.settings import Settings

Json = dict[str, Any]


class Incompatible(Exception):
    """A recorded schema would be replaced by one that its readers cannot take."""


def mount(app: typer.Typer) -> None:
    """Adds `docs`."""
    app.command("docs")(docs)


def docs(
    out: Annotated[Path | None, typer.Option(help="file to write instead of the terminal · 写入文件")] = None,
    record: Annotated[bool, typer.Option("--record", help="record new schemas · 记录新的数据格式")] = False,
) -> None:
    """Write the AsyncAPI 3 document of all topics and events · 生成 AsyncAPI 3 文档"""
    if record:
        _record_and_say()
        return
    settings = Settings()
    text = as_text(asyncapi_document(recorded("examples"), settings.kafka, settings.topic_prefix))
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def recorded(kind: str) -> dict[str, Json]:
    """The packaged `examples` or `schemas` by `<name>.v<version>`."""
    folder = files("shared.contracts") / kind
    return {
        file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".json")
    }


def record_schemas(folder: Path, current: dict[str, Json]) -> list[str]:
    """What was written. Raises `Incompatible` before anything is, when one would break its readers."""
    fresh = {name: schema for name, schema in current.items() if _read(folder, name) != schema}
    found = [
        f"{name}{why}" for name, schema in fresh.items() for why in breaks(_read(folder, name) or schema, schema)
    ]
    if found:
        raise Incompatible("\n".join(found))
    for name, schema in fresh.items():
        (folder / f"{name}.json").write_text(as_text(schema), encoding="utf-8")
    return sorted(fresh)


def as_text(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _read(folder: Path, name: str) -> Json | None:
    file = folder / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _record_and_say() -> None:
    try:
        written = record_schemas(Path(str(files("shared.contracts"))) / "schemas", dict(schemas()))
    except Incompatible as why:
        typer.echo(f"{why}\nA new version is needed · 须另立新版本", err=True)
        raise typer.Exit(1) from why
    typer.echo("\n".join(written) or "nothing new · 无新格式")
