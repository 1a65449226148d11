"""Notify as processes: `python -m services.notify.main --lane emergency|routine`, and without a lane the line in.

A lane decides and sends; the line hears what devices say, tests them, and takes break-glass calls.
"""

import argparse
import functools

from services.notify.channels.table import can_at_speed
from services.notify.lanes import sending
from services.notify.line import serve_line
from services.notify.settings import LANE_PORTS, NotifySettings
from shared.contracts.vocabulary import LANES
from shared.domain.notifying.rules import NotifyRules
from shared.platform.casework_service import run_casework_service
from shared.platform.service import run_service


def main() -> None:
    parser = argparse.ArgumentParser(prog="notify")
    parser.add_argument("--lane", choices=LANES)
    lane = parser.parse_args().lane
    settings = NotifySettings()
    if lane:
        beside = functools.partial(sending, settings)
        can = functools.partial(can_at_speed, settings.clock_speed)
        run_casework_service(NotifyRules(can), lane, LANE_PORTS[lane], settings, beside)
    else:
        run_service("notify", None, settings, lambda: serve_line(settings))


if __name__ == "__main__":
    main()
