"""Escalation as a process: `python -m services.escalation.main --lane emergency|routine`.

Puts the rules (`shared/domain/escalating`) under the engine (`shared/platform/casework.py`), and no more.
"""

from shared.domain.escalating.rules import EscalationRules
from shared.platform.casework_service import lane_from_arguments, run_casework_service

PORTS = {"emergency": 8103, "routine": 8113}


def main() -> None:
    lane = lane_from_arguments("escalation")
    run_casework_service(EscalationRules(), lane, PORTS[lane])


if __name__ == "__main__":
    main()
