"""What every figure is given: the stack, the sizes, the rounds, and a place for what is noticed on the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import Noise
from bench.site import Site, prepared
from bench.sizes import Sizes
from deploy.local.stack import LocalStack


@dataclass
class Arena:
    """`memory`: the most that each process was seen to take, in MiB, at the end of a load."""

    stack: LocalStack
    folder: Path
    sizes: Sizes
    rounds: int
    noise: Noise = field(default_factory=Noise)
    memory: dict[str, float] = field(default_factory=dict)

    @asynccontextmanager
    async def site(self) -> AsyncIterator[Site]:
        async with prepared(self.stack, self.folder) as site:
            yield site

    def weigh(self, site: Site, *names: str) -> None:
        for name in names:
            self.memory[name] = max(self.memory.get(name, 0.0), site.pss_mib(name))
