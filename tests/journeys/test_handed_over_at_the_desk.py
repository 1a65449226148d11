"""Hand-over of day desk and night control room: items listed, signed for by both, and the report goes on."""

import pytest

from tests.support.installation import Installation, until

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
PATH = "/v1/estates/qinghe/handovers"


async def test_open_items_are_given_and_signed_for(town: Installation) -> None:
    report = await town.file("inquiry", text="游泳池几点开?")
    given = {"type": "give", "by": {"role": "customer_assistant", "person": "desk-1"}, "items": [report]}
    event_id = (await town.post(PATH, given)).json()["event_id"]
    taken = {"type": "take", "by": {"role": "control_room", "person": "cctv-1"}, "given": event_id}
    assert (await town.post(PATH, {**taken, "by": given["by"]})).status_code == 422
    assert (await town.post(PATH, taken)).status_code == 202

    async def signed() -> bool:
        lines = (await town.get(PATH)).json()["handovers"]
        return any(line["event_id"] == event_id and line["taken_by"] for line in lines)

    assert await until(signed)
    # Dispatch read both on its own topic and passed them over.
    await town.complete(report, "answer_now", "answered", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
