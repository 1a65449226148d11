"""S9: entries are never overwritten; a correction is a further entry, and what stood before still stands."""

import pytest

from tests.support.installation import Installation, until

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_a_place_corrected_twice(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    await town.task(report, "tell_leader")
    said = [
        await town.amend(report, "place", "customer_assistant", place=place)
        for place in ("3栋1单元1102", "3栋2单元1102")
    ]

    async def both_taken() -> bool:
        entries = (await town.get(f"/v1/reports/{report}")).json()["row"].get("corrections", [])
        return [e["event_id"] for e in entries if e["state"] == "taken"] == said

    assert await until(both_taken), "the corrections are not in the register"
    found = (await town.get(f"/v1/reports/{report}")).json()
    first, second = found["row"]["corrections"]
    assert (first["was"]["place"], first["to"]["place"]) == ("3栋1单元1201", "3栋1单元1102")
    assert (second["was"]["place"], second["to"]["place"]) == ("3栋1单元1102", "3栋2单元1102")
    assert first["by"]["role"] == "customer_assistant" and found["row"]["place"] == "3栋2单元1102"
    told = [e["place"] for e in found["story"] if e["type"] in ("report.filed", "amendment.place_corrected")]
    assert told == ["3栋1单元1201", "3栋1单元1102", "3栋2单元1102"]


async def test_a_phone_corrected_answers_the_question_for_it(town: Installation) -> None:
    report = await town.file("medical", place="3栋1单元1201", patient_place="3栋1单元1201")
    asking = await town.task(report, "ask_address")
    await town.amend(report, "details", "customer_assistant", patient_phone="13800138000", text="老人摔倒")
    assert await town.ended(asking) == "known"
    await town.task(report, "ask_help")


async def test_a_sign_told_later_makes_it_major(town: Installation) -> None:
    report = await town.file("medical", help=["nursing"], place="3栋1单元1201")
    await town.amend(report, "details", "customer_assistant", signs=["unconscious"])
    await town.seen(report, "report.changed", grade="major")
    await town.task(report, "major_now")


async def test_a_kind_that_the_class_does_not_know_is_refused_at_the_door(town: Installation) -> None:
    report = await town.file("inquiry", text="燃气味道找谁?")
    body = {"type": "kind", "by": {"role": "customer_assistant"}, "kind": "gas"}
    for language, word in (("zh", "kind"), ("en", "kind")):
        answer = await town.post(f"/v1/reports/{report}/amendments", body, language=language)
        assert answer.status_code == 422
        assert [e["field"] for e in answer.json()["errors"]] == [word]
