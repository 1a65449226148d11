"""What was measured, as a page for people and as a list for programs; nothing that this run did not measure."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.figure import Figure, spread
from bench.machine import Noise, described


def write(folder: Path, figures: Sequence[Figure], stages: Sequence[str], noise: Noise, seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = json.dumps([figure.row() for figure in figures], ensure_ascii=False, indent=2)
    (folder / "results.json").write_text(rows + "\n")
    (folder / "RESULTS.md").write_text(page(figures, stages, noise, seconds))


def page(figures: Sequence[Figure], stages: Sequence[str], noise: Noise, seconds: float) -> str:
    rounds = max((len(figure.ours) for figure in figures), default=0)
    lines = [
        "# Speed and memory, measured",
        "",
        f"By `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, in {seconds / 60:.0f} min, {rounds} rounds; "
        "ours and the floor take turns on the same broker and database. Medians, and in brackets from the least to "
        "the most of the rounds.",
        "",
        f"Machine: {described()}. Broker, database, the process under test and the driver share these cores, so "
        "each takes from the others what it uses.",
        "",
        f"Noise: {noise.words()}.",
        "",
        *table(figures),
        "",
        "## Where the time goes",
        "",
        *stages,
    ]
    for figure in figures:
        lines += ["", f"### {figure.id}", "", *(f"- {note}" for note in figure.notes)]
    return "\n".join(lines) + "\n"


def table(figures: Sequence[Figure]) -> list[str]:
    lines = ["| figure | ours | floor | ratio | wanted | met |", "|---|---|---|---|---|---|"]
    for figure in figures:
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else "–"
        name = f"{figure.id} {figure.name}, {figure.unit}"
        cells = (
            name,
            spread(figure.ours),
            spread(figure.floor),
            ratio,
            figure.wanted,
            "yes" if figure.met else "no",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines
