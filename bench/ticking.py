"""One ticker in a process of its own, as dispatch runs it: `python -m bench.ticking --lane emergency|routine`."""

import argparse

import uvloop

from shared.contracts.vocabulary import LANES, Lane
from shared.platform.cases import Cases
from shared.platform.mongo import connect, database
from shared.platform.publishing import Publisher
from shared.platform.settings import Settings
from shared.platform.ticker import Ticker

SERVICE = "dispatch"


async def run(settings: Settings, lane: Lane) -> None:
    async with connect(settings) as client:
        publisher = Publisher(settings, f"bench-ticker-{lane}")
        await publisher.start()
        await Ticker(settings, SERVICE, lane, Cases(database(client, settings), SERVICE), publisher).run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="ticking")
    parser.add_argument("--lane", choices=LANES, required=True)
    uvloop.run(run(Settings(), parser.parse_args().lane))


if __name__ == "__main__":
    main()
