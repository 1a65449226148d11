"""Noticing that another copy took our place in the group.

aiokafka sends no `group.instance.id` with its heartbeats, so Kafka cannot say "fenced": two copies of one number
put each other out for ever, each time as an unknown member. A copy that was paused, or whose broker was, is put out
once; being put out again within 30 s means a twin.
"""

import logging
import time
from collections import deque

_LOGGER = "aiokafka.consumer.group_coordinator"
_PUT_OUT = "member_id was not recognized"
_WINDOW_S = 30.0


class Fencing(logging.Handler):
    """One for each consumer of a process; all hear of every one, so each allows for one putting-out apiece."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.fenced = False
        self._put_out: deque[float] = deque()

    def watch(self) -> None:
        logging.getLogger(_LOGGER).addHandler(self)

    def unwatch(self) -> None:
        logging.getLogger(_LOGGER).removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if _PUT_OUT not in record.getMessage():
            return
        now = time.monotonic()
        self._put_out.append(now)
        while self._put_out[0] < now - _WINDOW_S:
            self._put_out.popleft()
        consumers = sum(isinstance(h, Fencing) for h in logging.getLogger(_LOGGER).handlers)
        self.fenced = self.fenced or len(self._put_out) > consumers
