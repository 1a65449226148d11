"""Why something said could not be taken, in both languages. Read at the register by the reply's event id."""

from shared.contracts.event import Event, Words
from shared.contracts.replies import LimitExtended, Reply
from shared.contracts.tasks import ReplyRefused
from shared.domain.dispatching.work import Work

REASONS: dict[str, Words] = {
    "other_content": Words(zh="此编号已有内容不同的报事", en="another report was already filed under this id"),
    "closed": Words(zh="报事已办结,如有新情况请另立关联报事", en="the report is closed; file a linked report"),
    "already_ended": Words(zh="该任务已结束", en="the task has already ended"),
    "not_yours": Words(zh="该任务不由您答复", en="this task is not yours to answer"),
    "unknown_outcome": Words(zh="该步骤没有此结果:{detail}", en="this step has no such outcome: {detail}"),
    "missing": Words(zh="缺少必须记录的内容:{detail}", en="not recorded yet: {detail}"),
    "not_called": Words(zh="还须拨打:{detail}", en="to be called too: {detail}"),
    "say_outcome": Words(zh="所拨号码对应的结果是:{detail}", en="what was called makes the outcome: {detail}"),
    "no_choice": Words(zh="不在可选范围内:{detail}", en="not one of the choices: {detail}"),
    "no_onward": Words(zh="严禁推诿:请说明原因和由谁接办", en="no shirking: say why, and who takes it (SOP S2c)"),
    "other_grade": Words(
        zh="此结果与报事级别不符,应答:{detail}", en="not the outcome for the report's grade, which is: {detail}"
    ),
    "name_department": Words(zh="请写明由哪个部门办:{detail}", en="name the department that takes it: {detail}"),
    "unknown_department": Words(
        zh="没有这个部门,可选:{detail}", en="the estate has no such department; it has: {detail}"
    ),
    "unknown_person": Words(zh="花名册中没有此人", en="nobody of this id in the estate's roster"),
    "nobody_to_send": Words(
        zh="没有可交给所派岗位的任务,请写明岗位,或答无人可派",
        en="no task fits whom you sent: name posts of the estate, or say that there is none",
    ),
    "unknown_side_step": Words(zh="不能单独发起此步骤:{detail}", en="this step cannot be asked for: {detail}"),
    "grade_not_raised": Words(zh="此岗位不能调高级别", en="this role may not raise the grade"),
    "grade_not_lowered": Words(
        zh="只有主管或主任可以调低级别", en="only the head or the director may lower the grade"
    ),
    "other_lane": Words(zh="改类会改变通道,请另立关联报事", en="this kind changes the lane: file a linked report"),
    "unknown_kind": Words(zh="此类报事没有这一种类", en="this class has no such kind"),
    "same_report": Words(zh="不能与自身关联", en="a report cannot be linked to itself"),
    "not_a_drill": Words(zh="这不是演习,如系误报请撤回", en="this is no drill; withdraw it if it is a false alarm"),
    "linked_here": Words(
        zh="对方已并入本报事,不能再反向并入:{detail}", en="that report is linked to this one already: {detail}"
    ),
    "not_head": Words(zh="只有负责人可以延长时限", en="only a head may extend a limit"),
    "resident_clock": Words(zh="住户的时限不可延长", en="the resident's clock is never moved (SOP S2c)"),
    "no_such_limit": Words(zh="该任务没有此时限", en="the task has no such limit"),
    "limit_past": Words(zh="新的时限已过", en="the new limit is already past"),
    "too_late": Words(zh="所答复的报事或任务不存在", en="what this answers never came"),
    "too_many": Words(zh="此报事的记录已满,请电话联系", en="this report takes no more notes; phone the desk"),
}


def refusal(event: Event, reason: str, detail: str = "") -> dict[str, object]:
    """The fields of a `reply.refused`, for whoever adds the common ones."""
    words = REASONS[reason]
    return {
        "refused": event.event_id,
        "task_id": event.task_id if isinstance(event, Reply | LimitExtended) else None,
        "reason": reason,
        "words": Words(zh=words.zh.replace("{detail}", detail), en=words.en.replace("{detail}", detail)),
    }


def refuse(work: Work, reason: str, detail: str = "") -> None:
    work.add(ReplyRefused, **refusal(work.event, reason, detail))
