"""How `baoshi estates` says what it did and who holds what."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from unicodedata import east_asian_width

from cli.language import Language
from shared.contracts.vocabulary import ROLES, Role
from shared.domain.china_days import unannounced
from shared.domain.estates.coverage import DAYS, Gap
from shared.domain.estates.plan import Holder
from shared.domain.estates.roster import Estate, holders
from shared.platform.estate_store import Applied, Change, Stored

_AHEAD = timedelta(days=60)
ROLE_ZH: dict[Role, str] = {
    "management_director": "管理处主任",
    "service_head": "客户服务中心主任",
    "customer_assistant": "客户助理",
    "security_supervisor": "保安部主管",
    "shift_leader": "当班班长",
    "guard": "护卫队员",
    "gate_guard": "门岗护卫队员",
    "department_head": "部门负责人",
    "engineering": "工程部",
    "control_room": "监控中心",
}
CHANGES: dict[Change, tuple[str, str]] = {
    "added": ("新增", "added"),
    "changed": ("已更新", "changed"),
    "unchanged": ("无变化", "unchanged"),
}
_DAYS_ZH, _DAYS_EN = "一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def applied_line(estate: Estate, applied: Applied, said: Language) -> str:
    zh, en = CHANGES[applied.change]
    if said == "zh":
        return f"{estate.estate} {estate.zh}:{zh}(第 {applied.revision} 版)"
    return f"{estate.estate} {estate.en}: {en} (revision {applied.revision})"


def estate_line(stored: Stored, said: Language) -> str:
    estate = stored.estate
    figures = (len(estate.buildings), len(estate.posts), len(estate.people), len(estate.keys))
    if said == "zh":
        numbers = "楼栋 {},岗位 {},人员 {},密钥 {}".format(*figures)
        return f"{estate.estate} {estate.zh} · 第 {stored.revision} 版 · {estate.time_zone} · {numbers}"
    numbers = "{} buildings, {} posts, {} people, {} keys".format(*figures)
    return f"{estate.estate} {estate.en} · revision {stored.revision} · {estate.time_zone} · {numbers}"


def holders_table(estate: Estate, now: datetime, said: Language, roles: Sequence[Role] = ROLES) -> Iterator[str]:
    """A line a role and department, with every holder and post at that instant, and in whose place he is there."""
    local = now.astimezone(estate.zone)
    yield f"{'时间' if said == 'zh' else 'At'} {local:%Y-%m-%d %H:%M %z}"
    heads = [d.id for d in estate.departments]
    for role in roles:
        for department in heads if role == "department_head" and heads else [None]:
            found = holders(estate, role, now, department=department)
            nobody = "(无人)" if said == "zh" else "(nobody)"
            who = ", ".join(_who(estate, h, said) for h in found) or nobody
            yield f"  {_padded(_role(estate, role, department, said), 34)} {who}"


def several_roles(estate: Estate, now: datetime, said: Language, roles: Sequence[Role] = ROLES) -> Iterator[str]:
    """Whoever holds one of these roles and others too at that instant, with all that he holds."""
    held: dict[str, list[Role]] = defaultdict(list)
    for role in ROLES:
        for person in dict.fromkeys(holder.person for holder in holders(estate, role, now)):
            held[person].append(role)
    for person, all_his in held.items():
        if len(all_his) == 1 or not set(all_his) & set(roles):
            continue
        if said == "zh":
            yield f"  一人多岗:{_name(estate, person, said)} {'、'.join(ROLE_ZH[role] for role in all_his)}"
        else:
            yield f"  several roles: {person} {', '.join(all_his)}"


def calendar_lines(estate: Estate, today: date, said: Language) -> Iterator[str]:
    """Said in time: limits of the coming two months may reach into a year whose working days nobody knows yet."""
    year = unannounced(today, today + _AHEAD) if estate.working_days else None
    if year and said == "zh":
        yield f"{year}年工作日尚未公布,届时按工作日计的时限改按自然时间计,并在登记表注明"
    elif year:
        yield f"working days of {year} are not announced yet: limits count the wall clock, and the register says so"


def gap_lines(estate: Estate, found: Iterable[Gap], said: Language) -> Iterator[str]:
    """Gaps of the same hours stand on one line with their days."""
    starts: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for gap in found:
        starts[_vacant(estate, gap, said), _hours(gap)].append(gap.start)
    for (what, hours), days in starts.items():
        when = hours if " " in hours else f"{_days(days, said)} {hours}"
        yield f"注意:{what} 无人在岗 {when}" if said == "zh" else f"note: nobody is {what} {when}"


def _vacant(estate: Estate, gap: Gap, said: Language) -> str:
    role = ROLE_ZH[gap.role] if said == "zh" else gap.role
    post = next((p for p in estate.posts if p.id == gap.post), None)
    if post:
        return f"{post.zh}({role})" if said == "zh" else f"at {post.id} ({role})"
    return f"{role} {gap.department or ''}".strip()


def _hours(gap: Gap) -> str:
    form = "%H:%M" if gap.end - gap.start < timedelta(days=1) else "%Y-%m-%d %H:%M"
    return f"{gap.start:{form}}–{gap.end:{form}}"


def _days(starts: list[datetime], said: Language) -> str:
    if len({start.weekday() for start in starts}) == DAYS:
        return "每天" if said == "zh" else "daily"
    if said == "zh":
        return "、".join(f"{start:%m-%d}(周{_DAYS_ZH[start.weekday()]})" for start in starts)
    return ", ".join(f"{_DAYS_EN[start.weekday()]} {start:%m-%d}" for start in starts)


def _role(estate: Estate, role: Role, department: str | None, said: Language) -> str:
    named = next((d for d in estate.departments if d.id == department), None)
    if said == "zh":
        return f"{ROLE_ZH[role]}({named.zh})" if named else ROLE_ZH[role]
    return f"{role} ({named.id})" if named else role


def _who(estate: Estate, holder: Holder, said: Language) -> str:
    post = next((p for p in estate.posts if p.id == holder.post), None)
    where = f"@{post.zh if said == 'zh' else post.id}" if post else ""
    other = _name(estate, holder.instead_of, said) if holder.instead_of else ""
    instead = (f"(代{other})" if said == "zh" else f" (for {other})") if other else ""
    return _name(estate, holder.person, said) + where + instead


def _name(estate: Estate, person: str, said: Language) -> str:
    """Chinese names mean nothing on an English screen, where ids stand."""
    return next((p.name for p in estate.people if p.id == person), person) if said == "zh" else person


def _padded(text: str, width: int) -> str:
    """Chinese characters take two places."""
    taken = sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - taken)
