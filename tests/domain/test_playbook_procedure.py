"""The packaged playbooks say what the procedure says: every step, its role, its outcomes, clauses that stand."""

import re
from pathlib import Path

import pytest

from shared.contracts.vocabulary import LADDERS, Category
from shared.domain.playbooks.format import Playbook, Playbooks, Step
from shared.domain.playbooks.loading import load_playbooks

PROCEDURE = Path(__file__).parents[2] / "docs" / "procedure.md"
COMMON = """
stand_down holder each: done | drill_stopped holder each: done
correct_place holder each: done | take_over holder: done
call_back_caller customer_assistant: reached found not_found>head_decides
where_are_they customer_assistant: answered worse>raise_to_emergency
raise_to_emergency customer_assistant: filed
onward_contact customer_assistant: contacted nobody>head_decides
head_decides service_head: decided ask_director>director_instruction
director_instruction management_director: instructed>follow_instruction
follow_instruction service_head: done
no_entry shift_leader: entered opened_by_police not_entered>head_decides
short_of_people security_supervisor: sent none>head_decides
answer_caller customer_assistant: answered>close
"""
MEDICAL = """
ask_address customer_assistant: known>ask_help lost>call_back_caller
ask_help customer_assistant: transport>help=transport ambulance>help=ambulance nursing>help=nursing \
none_wanted>record_case
place_two shift_leader: sent>stand_by short>short_of_people
vehicle customer_assistant: at_building>take_to_hospital no_vehicle>other_transport
other_transport customer_assistant: taxi>take_to_hospital ambulance>help=ambulance declined>stand_down,record_case
stand_by guard 2: arrived>take_to_hospital
take_to_hospital guard 2: at_hospital>settle declined>return_to_office worse>stay_with_patient,help=ambulance
stay_with_patient guard: handed_over
settle guard 2: settled>ask_more_help
ask_more_help guard: no>return_to_office yes>director_more_help
director_more_help management_director: arranged>carry_out not_granted>return_to_office
carry_out guard: done>return_to_office
return_to_office guard 2: back>feed_back_transport
feed_back_transport guard: fed_back>record_case
call_120 customer_assistant: coming refused_or_none>no_ambulance cancelled>stand_down,feed_back_ambulance
tell_leader shift_leader: told>meet
meet gate_guard each: arrived>lead_in passed_elsewhere
hold_lift guard: done
chase_120 customer_assistant: coming not_coming>no_ambulance
no_ambulance service_head: decided>stand_down,feed_back_ambulance
lead_in gate_guard: at_home>ask_hospital
ask_hospital gate_guard: left>feed_back_ambulance not_conveyed>feed_back_ambulance
feed_back_ambulance shift_leader: fed_back>record_case
nursing_wishes customer_assistant: asked>ask_supervisor no_relative>other_care
ask_supervisor shift_leader: asked>supervisor_decides
supervisor_decides security_supervisor: agreed>choose_people refused>other_care
choose_people shift_leader: chosen>go_nursing short>short_of_people
go_nursing guard: started>nurse no_relative>other_care declined>feed_back_nursing
nurse guard: done>feed_back_nursing relative_left>relative_left worse>stay_with_patient,help=ambulance
relative_left shift_leader: resolved ended>other_care
inspect security_supervisor: done
other_care customer_assistant: contacted>feed_back_nursing ambulance>help=ambulance
feed_back_nursing shift_leader: fed_back>record_case
record_case customer_assistant: recorded>return_visit,close
head_considers service_head: noted ask_director>director_instruction
return_visit customer_assistant: satisfied failed>head_decides
"""
INQUIRY = """
register_written customer_assistant: registered>reply_written
reply_written service_head: replied>deliver_reply director_needed>director_reply not_ours>onward_contact
director_reply management_director: replied>deliver_reply
deliver_reply customer_assistant: delivered>close
answer_now customer_assistant: answered>close cannot>ask_head not_ours>onward_contact
ask_head service_head: answered>reply_oral director_needed>director_instruction
reply_oral customer_assistant: replied>close
"""
COMPLAINT = """
register_complaint customer_assistant: registered>grade_complaint
grade_complaint service_head: minor>own_minor,first_answer important>own_important,first_answer \
major>own_major,first_answer invalid>first_answer about_the_head>own_important,first_answer
first_answer customer_assistant: answered>record_complaint
own_minor service_head: planned>handle | own_important management_director: planned>handle
own_major management_director: planned>handle
handle department_head: done>answer_result hand_on>handle_second
handle_second department_head: done>answer_result hand_on>head_decides
answer_result customer_assistant: accepted>record_complaint not_accepted>head_decides \
not_accepted_head>director_decides result_stands>record_complaint
director_decides management_director: decided
record_complaint customer_assistant: recorded>visit_ordinary,close recorded_major>visit_major,close
visit_ordinary customer_assistant: satisfied failed>head_decides
visit_major management_director: satisfied failed>director_instruction
"""
STAYS_OPEN: dict[Category, set[tuple[str, str]]] = {
    "medical": {
        ("ask_address", "lost"), ("place_two", "short"), ("choose_people", "short"), ("nurse", "relative_left"),
        ("head_considers", "ask_director"),
    },
    "inquiry": {("reply_written", "not_ours"), ("answer_now", "not_ours"), ("ask_head", "director_needed")},
    "complaint": {
        ("handle_second", "hand_on"), ("answer_result", "not_accepted"), ("answer_result", "not_accepted_head"),
    },
}  # fmt: skip
COMMON_NOTICES = {"reopened", "stray_link", "device_or_rung_silent"}
NOTICES: dict[Category, set[str]] = {
    "medical": {"major_now", "ordinary_after", "gate_arrived", "nursing_relative_gone"},
    "inquiry": {"written_due", "written_overdue"},
    "complaint": {"promoted"},
}


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load_playbooks()


def told(text: str) -> set[str]:
    return {line.strip() for row in text.strip().splitlines() for line in row.split("|")}


def own(book: Playbook) -> list[Step]:
    """Without the steps of other classes, which stand in their own."""
    return [step for step in book.steps.values() if step.id not in book.includes]


@pytest.mark.parametrize(
    ("category", "text"), [("medical", MEDICAL), ("inquiry", INQUIRY), ("complaint", COMPLAINT)]
)
def test_every_step_stands_with_its_role_and_what_follows(
    playbooks: Playbooks, category: Category, text: str
) -> None:
    said = set()
    for step in own(playbooks.of(category)):
        outcomes = []
        for name, row in step.outcomes.items():
            targets = [*row.opens, *(f"help={h}" for h in row.help), *(["close"] if row.close else [])]
            outcomes.append(f"{name}>{','.join(targets)}" if targets else name)
        count = "" if step.count == 1 else f" {step.count}"
        said.add(f"{step.id} {step.role}{count}: {' '.join(outcomes)}")
    assert said == told(text) | told(COMMON)


@pytest.mark.parametrize("category", ["medical", "inquiry", "complaint"])
def test_an_outcome_with_only_side_tasks_leaves_its_step_open(playbooks: Playbooks, category: Category) -> None:
    steps = own(playbooks.of(category))
    assert {(s.id, name) for s in steps for name, row in s.outcomes.items() if not row.ends} == STAYS_OPEN[category]


@pytest.mark.parametrize("category", ["medical", "inquiry", "complaint"])
def test_every_notice_stands(playbooks: Playbooks, category: Category) -> None:
    assert set(playbooks.of(category).notices) == NOTICES[category] | COMMON_NOTICES


def test_the_rules_that_stretch_the_format(playbooks: Playbooks) -> None:
    steps = {step.id: step for step in own(playbooks.of("medical"))}
    assert [(t.after.seconds, t.unless, t.opens) for t in steps["tell_leader"].timed] == [(30, "end", ("meet",))]
    chase = steps["chase_120"].opens_after[0]
    assert (chase.delay.seconds, chase.repeat and chase.repeat.seconds, chase.unless) == (900, 600, ("meet",))
    assert steps["take_to_hospital"].needs == (("stand_by",), ("vehicle", "other_transport"))
    assert {s.id for s in steps.values() if s.ends_on == "arrive"} == {"stand_by", "hold_lift"}
    assert steps["stand_down"].ends_on == "ack"
    assert {s.id for s in steps.values() if s.last} == {"record_case"}
    assert {s.id for s in steps.values() if s.outlives_case} == {"return_visit"}


def test_every_clause_cited_stands_in_the_procedure(playbooks: Playbooks) -> None:
    text = PROCEDURE.read_text(encoding="utf-8")
    stand = set(re.findall(r"^(?:## |- \*\*|\*\*|\| )(S\d+[a-z]?(?:\.\d+){0,2}|Ladders)\b", text, re.MULTILINE))
    rows = [r for b in playbooks.by_category.values() for r in (*b.steps.values(), *b.notices.values())]
    assert {clause for row in rows for clause in row.clause} <= stand
    assert {"S1a", "S2c", "S3.0", "S3.3.5", "S4.2", "S10"} <= stand


def test_every_ladder_has_a_wait_for_each_of_its_rungs(playbooks: Playbooks) -> None:
    for row in playbooks.waits:
        assert len(row.waits) == len(LADDERS[row.role]), row
