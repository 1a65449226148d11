"""A service's process: logs, HTTP for health and metrics, signals, and an end that says why."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any

import uvicorn
import uvloop
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.platform.errors import Unsafe
from shared.platform.logs import configure, log
from shared.platform.settings import Settings

Ready = Callable[[], Awaitable[dict[str, bool]]]
UNSAFE_EXIT = 78
FAILED_EXIT = 70


def health_routes(ready: Ready) -> list[Route]:
    """`/health/live`, `/health/ready` (503 with what is missing) and `/metrics`."""

    async def is_live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def is_ready(_: Request) -> Response:
        parts = await ready()
        return JSONResponse({"ready": all(parts.values()), **parts}, 200 if all(parts.values()) else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health/live", is_live), Route("/health/ready", is_ready), Route("/metrics", metrics)]


def health_app(ready: Ready) -> Starlette:
    """All the HTTP there is in a service without an API."""
    return Starlette(routes=health_routes(ready))


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The process's signals are `run_service`'s: HTTP goes last, so that health is seen to the end.
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[None]:
    """HTTP as long as the block lasts; raises when the port cannot be had."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            raise OSError(f"cannot listen on {host}:{port}")
        await asyncio.sleep(0.01)
    log.info("listening", address=host, port=port)
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def until_stopped(*failing: Callable[[], bool]) -> bool:
    """Waits for SIGTERM or SIGINT (True), or until one of the parts says that the process has to end (False)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    _spare_the_collector()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        if any(is_failing() for is_failing in failing):
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.2)
    return True


def _spare_the_collector() -> None:
    """What a process has built at its start stays: looking through it again and again took a fifth of dispatch."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def run_service(
    service: str, lane: str | None, settings: Settings, main: Callable[[], Coroutine[Any, Any, bool]]
) -> None:
    """Ends with 0 when asked to, 78 on unsafe settings, 70 on a failure that a fresh start may mend."""
    configure(service, lane, settings.log_level)
    try:
        asked = uvloop.run(main())
    except Unsafe as reason:
        log.error("unsafe settings, not started", reason=str(reason))
        sys.exit(UNSAFE_EXIT)
    if not asked:
        log.error("ended by a failure")
        sys.exit(FAILED_EXIT)
