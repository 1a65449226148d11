"""`make bench`: all figures of the issue against floors of the same run, on a broker and a database of its own.

A whole run writes `bench/RESULTS.md` and `bench/results.json`; parts and smoke runs go to `.local/bench/results`.
"""

import argparse
import logging
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from bench import (
    accepted_to_task,
    accepting,
    board_to_pixels,
    deadlines,
    deadlines_at_once,
    dispatching,
    emergency_under_load,
    escalations_at_once,
    killed_while_sending,
    memory,
    paged,
    paged_at_once,
    register_xlsx,
    registering,
    report,
    stages,
    viewers,
    warming,
)
from bench.arena import Arena
from bench.figure import Figure
from bench.site import ROOT, free_port
from bench.sizes import FULL, SMALL, Sizes
from deploy.local.preflight import PreflightFailed
from deploy.local.process import ProcessFailed
from deploy.local.stack import LocalStack, StackPorts
from shared.platform.logs import configure

Run = Callable[[Arena], Awaitable[Figure]]
FIGURES: dict[str, Run] = {
    "P1": accepted_to_task.run,
    "P2": emergency_under_load.run,
    "P3": dispatching.run,
    "P4": registering.run,
    "P5": accepting.run,
    "P6": deadlines.run,
    "P7": deadlines_at_once.run,
    "P8": memory.run,
    "N1": paged.run,
    "N2": paged_at_once.run,
    "N3": escalations_at_once.run,
    "N4": killed_while_sending.run,
    "B3": register_xlsx.run,
    "B1": board_to_pixels.run,
    "B2": viewers.run,
}
SCRATCH = ROOT / ".local" / "bench"
STAGE_TIMES = 500
_NAMED_BOARD_S = 600


def main() -> None:
    """Exit 0 when everything asked for was measured, whether or not it suffices; 1 when something was not."""
    parser = argparse.ArgumentParser(prog="bench", description="speed and memory against floors of the same run")
    parser.add_argument("--only", default="", help="figures, such as P1,P3")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="a smoke run; its figures say nothing")
    parser.add_argument(
        "--board-seconds", type=int, default=0, help="how long B1 watches the board; 600 if B1 is named in --only"
    )
    asked = parser.parse_args()
    chosen = [p.strip().upper() for p in asked.only.split(",") if p.strip()] or list(FIGURES)
    if unknown := set(chosen) - set(FIGURES):
        parser.error(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    configure("bench", None, "ERROR")
    # New topics have no leader for a moment, and the library logs each try.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    whole = not asked.only and not asked.small
    sizes = SMALL if asked.small else FULL
    named = _NAMED_BOARD_S if "B1" in asked.only.upper() and not asked.small else sizes.board_seconds
    sizes = sizes._replace(board_seconds=asked.board_seconds or named)
    sys.exit(_on_a_stack(chosen, asked.rounds, sizes, ROOT / "bench" if whole else SCRATCH / "results"))


def _on_a_stack(chosen: list[str], rounds: int, sizes: Sizes, results: Path) -> int:
    ports = StackPorts(free_port(), free_port(), free_port())
    stack = LocalStack(SCRATCH / "run", ports, full_compiler=True)
    try:
        with stack:
            arena = Arena(stack, SCRATCH / "sites", sizes, rounds)
            return uvloop.run(_measure(arena, chosen, results))
    except (PreflightFailed, ProcessFailed) as reason:
        print(reason, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(SCRATCH / "run", ignore_errors=True)
        shutil.rmtree(SCRATCH / "sites", ignore_errors=True)


async def _measure(arena: Arena, chosen: list[str], results: Path) -> int:
    began, figures = time.monotonic(), list[Figure]()
    await warming.run(arena)
    for name in chosen:
        figure = await _one(arena, name)
        if figure:
            figures.append(figure)
            print("\n".join(report.table([figure])[2:]), flush=True)
    report.write(results, figures, stages.measured(STAGE_TIMES), arena.noise, time.monotonic() - began)
    print(f"{len(figures)} of {len(chosen)} figures in {time.monotonic() - began:.0f} s, written to {results}")
    return 0 if len(figures) == len(chosen) else 1


async def _one(arena: Arena, name: str) -> Figure | None:
    """None, and a word why, when it could not be measured; the others still are."""
    began = time.monotonic()
    try:
        figure = await FIGURES[name](arena)
    except Exception as error:
        print(f"{name} was not measured: {type(error).__name__}: {error}", file=sys.stderr)
        return None
    figure.notes.append(f"took {time.monotonic() - began:.0f} s")
    return figure


if __name__ == "__main__":
    main()
