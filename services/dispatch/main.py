"""Dispatch as a process: `python -m services.dispatch.main --lane emergency|routine`.

Puts the rules (`shared/domain/dispatching`) under the engine (`shared/platform/casework.py`), and no more.
"""

from shared.domain.dispatching.rules import DispatchRules
from shared.platform.casework_service import lane_from_arguments, run_casework_service

PORTS = {"emergency": 8102, "routine": 8112}


def main() -> None:
    lane = lane_from_arguments("dispatch")
    run_casework_service(DispatchRules(), lane, PORTS[lane])


if __name__ == "__main__":
    main()
