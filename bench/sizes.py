"""How much is measured: enough for a p99, and little enough that the whole bench ends in a quarter of an hour."""

from typing import NamedTuple


class Sizes(NamedTuple):
    """`small` proves that everything runs; its figures say nothing."""

    warm: int = 200
    latency: int = 2_000
    latency_loaded: int = 2_000
    backlog: int = 20_000
    dispatch: int = 15_000
    register: int = 30_000
    intake: int = 12_000
    connections: int = 32
    pending: int = 1_000_000
    pending_floor: int = 1_000
    due_a_second: int = 200
    due_seconds: int = 15
    at_once: int = 6_000
    load: int = 6_000
    pages: int = 300
    page_estates: int = 90
    escalations: int = 6_000
    killed_pages: int = 200
    sheet: int = 20_000
    board_seconds: int = 120
    viewers: int = 200
    viewers_seconds: int = 20


FULL = Sizes()
SMALL = Sizes(
    warm=20,
    latency=100,
    latency_loaded=60,
    backlog=15_000,
    dispatch=1_000,
    register=2_000,
    intake=500,
    connections=8,
    pending=5_000,
    due_seconds=3,
    at_once=600,
    load=300,
    pages=30,
    page_estates=10,
    escalations=200,
    killed_pages=30,
    sheet=1_000,
    board_seconds=10,
    viewers=20,
    viewers_seconds=4,
)
