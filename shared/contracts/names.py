"""What people read for each code name, in Chinese and English, as the glossary has them (GLOSSARY.md)."""

from collections.abc import Mapping

from shared.contracts.outcome_names import CHOICE, OUTCOME

Names = Mapping[str, tuple[str, str]]

CATEGORY: Names = {
    "medical": ("急救病人", "Emergency patient"),
    "repair": ("报修", "Repair"),
    "complaint": ("投诉", "Complaint"),
    "inquiry": ("咨询", "Inquiry"),
    "security": ("治安", "Security"),
    "disaster": ("灾害", "Disaster"),
    "general": ("一般求助", "General request"),
}
LANE: Names = {"emergency": ("急事", "Emergency"), "routine": ("日常", "Routine")}
KIND: Names = {
    "lift_entrapment": ("电梯困人", "Lift entrapment"),
    "gas": ("燃气泄漏", "Gas leak"),
    "mains_water": ("水浸电", "Water into the mains"),
    "danger": ("危及人身", "Danger to people"),
    "theft": ("盗窃", "Theft"),
    "fight": ("打架", "Fight"),
    "robbery": ("抢劫", "Robbery"),
    "murder": ("凶杀", "Murder"),
    "poisoning": ("中毒", "Poisoning"),
    "traffic": ("交通事故", "Traffic accident"),
    "fire": ("火警", "Fire"),
    "flood": ("水浸", "Flood"),
    "gale": ("台风", "Gale"),
}
ROLE: Names = {
    "management_director": ("管理处主任", "Management director"),
    "service_head": ("客服主任", "Service head"),
    "customer_assistant": ("客户助理", "Customer assistant"),
    "security_supervisor": ("保安部主管", "Security supervisor"),
    "shift_leader": ("当班班长", "Shift leader"),
    "guard": ("护卫队员", "Guard"),
    "gate_guard": ("门岗", "Gate guard"),
    "department_head": ("部门负责人", "Department head"),
    "engineering": ("工程部", "Engineering"),
    "control_room": ("监控中心", "Control room"),
}
HELP: Names = {
    "transport": ("送医院", "To hospital"),
    "ambulance": ("打120", "Call 120"),
    "nursing": ("短时护理", "Short-time nursing"),
}
GRADE: Names = {
    "ordinary": ("一般", "Ordinary"),
    "major": ("重大", "Major"),
    "important": ("重要", "Important"),
    "minor": ("轻微", "Minor"),
}
URGENCY: Names = {
    "urgent": ("急修", "Urgent"),
    "daily": ("日常", "Daily"),
    "special": ("特约", "Special"),
    "appointment": ("预约", "By appointment"),
}
CHANNEL: Names = {
    "phone": ("电话", "Phone"),
    "visit": ("来访", "Visit"),
    "app": ("手机应用", "App"),
    "patrol": ("巡查", "Patrol"),
    "radio": ("对讲机", "Radio"),
    "gate": ("门岗", "Gate"),
    "written": ("书面", "Written"),
}
FORM: Names = {"oral": ("口头", "Oral"), "written": ("书面", "Written")}
SIGN: Names = {
    "unconscious": ("昏迷", "Unconscious"),
    "not_breathing": ("无呼吸", "Not breathing"),
    "chest_pain": ("胸痛", "Chest pain"),
    "heavy_bleeding": ("大出血", "Heavy bleeding"),
    "fall_from_height": ("高处坠落", "Fall from height"),
    "child_burns": ("儿童烧烫伤", "Burns of a child"),
    "poisoning": ("中毒", "Poisoning"),
    "labour": ("临产", "Labour"),
    "several_patients": ("多名病人", "Several patients"),
    "death": ("死亡", "Death"),
    "alone_locked_in": ("独自反锁在内", "Alone behind a locked door"),
}
CLOCK: Names = {
    "ack": ("回应", "To acknowledge"),
    "arrive": ("到场", "To arrive"),
    "finish": ("办结", "To finish"),
}
WEATHER: Names = {
    "blue": ("蓝色预警", "Blue warning"),
    "yellow": ("黄色预警", "Yellow warning"),
    "orange": ("橙色预警", "Orange warning"),
    "red": ("红色预警", "Red warning"),
}
STATE: Names = {
    "filed": ("已登记", "Filed"),
    "open": ("办理中", "Open"),
    "closed": ("已结案", "Closed"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "followed": ("已接续", "Carried on"),
    "linked": ("已并入", "Linked"),
    "drill_stopped": ("演习中止", "Drill stopped"),
    "ended": ("已办结", "Ended"),
}
DELIVERY: Names = {
    "attempted": ("已呼", "Sent"),
    "accepted": ("已接收", "Accepted"),
    "delivered": ("已送达", "Delivered"),
    "answered": ("已回复", "Answered"),
    "refused": ("拒收", "Refused"),
    "skipped": ("未发送", "Not sent"),
    "failed": ("未送达", "Not delivered"),
}
CHANGE: Names = {
    "acknowledged": ("明白", "Acknowledged"),
    "started": ("出发", "Set out"),
    "arrived": ("到达", "Arrived"),
    "noted": ("已记", "Noted"),
    "handed_over": ("转交", "Handed over"),
    "declined": ("不能", "Declined"),
    "limit": ("时限改变", "Limit changed"),
    "asked_wider": ("另可答复", "More may answer"),
    "help_changed": ("求助方式已改", "The help was changed"),
    "kind_corrected": ("种类已更正", "The kind was corrected"),
    "withdrawn": ("报事已撤回", "The report was withdrawn"),
    "followed": ("报事已接续", "The report was carried on"),
    "linked": ("报事已并入", "The report was linked"),
    "closed": ("报事已结案", "The report was closed"),
    "relieved": ("已有他人办理", "Somebody else has it"),
    "drill_stopped": ("演习中止", "The drill was stopped"),
}
LINK: Names = {
    "follows": ("承接", "Carries on"),
    "followed_by": ("由其接续", "Carried on by"),
    "linked_to": ("并入", "Linked to"),
    "same_event_as": ("同一事件", "One event with"),
}
NAMES: Mapping[str, Names] = {
    "category": CATEGORY,
    "lane": LANE,
    "kind": KIND,
    "role": ROLE,
    "help": HELP,
    "grade": GRADE,
    "urgency": URGENCY,
    "channel": CHANNEL,
    "form": FORM,
    "sign": SIGN,
    "clock": CLOCK,
    "weather": WEATHER,
    "state": STATE,
    "outcome": OUTCOME,
    "choice": CHOICE,
    "delivery": DELIVERY,
    "change": CHANGE,
    "link": LINK,
}
