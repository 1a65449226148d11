"""Channels run here on the loop that the services use: it takes not all that asyncio's own takes."""

from asyncio import AbstractEventLoopPolicy

import pytest
import uvloop


@pytest.fixture(scope="session")
def event_loop_policy() -> AbstractEventLoopPolicy:
    return uvloop.EventLoopPolicy()
