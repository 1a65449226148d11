"""JSON logs: one line an event, with report, topic, partition and offset; no name, phone number or text ever."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        *("event", "level", "timestamp", "service", "lane", "copy", "version"),
        *("report", "topic", "partition", "offset", "type", "event_id", "task", "estate", "key_id", "clock"),
        *("reason", "error", "where", "state", "status", "method", "path", "name", "collection", "database"),
        *("count", "batch", "seconds", "attempt", "bytes", "segment", "port", "address", "speed"),
    }
)
"""Fields that may stand in a log line. A field that is missing here is dropped, so no text slips in by accident."""


def _only_allowed(_: Any, __: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    return {name: value for name, value in line.items() if name in ALLOWED}


def configure(service: str, lane: str | None = None, level: str = "INFO") -> None:
    """Call once, at the start of a process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, 20)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, **({"lane": lane} if lane else {}))
    logging.basicConfig(handlers=[LibraryHandler()], level=logging.WARNING, force=True)


log: structlog.stdlib.BoundLogger = structlog.get_logger()


class LibraryHandler(logging.Handler):
    """What libraries log, uvicorn's tracebacks too: their messages may quote content, so only who and what kind."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        where = f"{record.module}:{record.lineno}"
        log.log(record.levelno, "library", name=record.name, error=kind, where=where)


class LibraryLog:
    """FastStream's logger. A Kafka error that will not go away by itself ends the process (a fenced copy, say)."""

    def __init__(self, ends: "Mapping[type[BaseException], str] | None" = None) -> None:
        self.fatal: BaseException | None = None
        self._ends = dict(ends or {})

    def log(self, level: int, msg: Any, /, *, exc_info: Any = None, extra: Mapping[str, Any] | None = None) -> None:
        """Only warnings and errors go on; messages of libraries may quote content, so only the type is kept."""
        if level >= logging.WARNING:
            log.log(level, "kafka library", error=type(exc_info).__name__ if exc_info else str(msg)[:80])
        if isinstance(exc_info, BaseException) and type(exc_info) in self._ends:
            self.fatal = exc_info
