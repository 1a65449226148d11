"""How `baoshi users` says what accounts there are and what was done."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from cli.language import Language
from shared.contracts.event import Words
from shared.contracts.names import ROLE
from shared.contracts.vocabulary import Role
from shared.platform.account import Account
from shared.platform.caller import EVERYWHERE

NOBODY_YET = Words(
    zh="还没有账号。第一个:baoshi users add 登录名 --name 姓名 --role 角色 --estate 小区(或 '*')",
    en="No accounts yet. The first: baoshi users add LOGIN --name NAME --role ROLE --estate ESTATE (or '*')",
)
PASSWORD = Words(zh="密码(不显示)", en="Password (not shown)")
AGAIN = Words(zh="再输入一次", en="Again")
DIFFER = Words(zh="两次输入不一致,什么都没有改", en="The two differ, nothing was changed")
NO_TERMINAL = Words(
    zh="没有终端可输入密码:请用 --password-file 文件,或 --password-file - 从标准输入读取",
    en="No terminal to ask for the password: use --password-file FILE, or --password-file - for standard input",
)
BOTH_OR_NEITHER = Words(
    zh="--role 与 --estate 要一起给;全部小区用 --estate '*'",
    en="Give --role and --estate together; --estate '*' is every estate",
)
ONE_ESTATE = Words(zh="--person 要求只有一个小区", en="--person wants exactly one estate, not '*'")
ENDED = Words(zh="所有登录在 30 秒内退出", en="all sessions end within 30 s")
UNUSED = Words(
    zh="还没有密码,也没有 OpenID 标识,现在不能登录", en="neither a password nor a subject: cannot sign in yet"
)


def done_line(account: Account, said: Language, added: bool = False) -> str:
    """What the account is now, and that its sessions end where it was changed."""
    what = f"{account.login} ({account.name}): {'; '.join(_grants(account, said)) or _nothing(said)}"
    if account.disabled:
        what += " · 已停用" if said == "zh" else " · disabled"
    if not account.hash and not account.oidc:
        what += f" · {UNUSED.zh if said == 'zh' else UNUSED.en}"
    ended = "" if added else f" · {ENDED.zh if said == 'zh' else ENDED.en}"
    return what + ended


def listing(accounts: Sequence[Account], said: Language) -> Table:
    """A row an account."""
    table = Table()
    zh = said == "zh"
    for head in ("登录名", "姓名", "角色", "登录方式", "状态") if zh else ("login", "name", "roles", "by", "state"):
        table.add_column(head)
    for account in accounts:
        state = ("已停用" if zh else "disabled") if account.disabled else ("可用" if zh else "usable")
        ways = [*(["密码" if zh else "password"] if account.hash else []), *(["OpenID"] if account.oidc else [])]
        roles = "\n".join(_grants(account, said)) or _nothing(said)
        table.add_row(account.login, account.name, roles, "、".join(ways) if zh else ", ".join(ways), state)
    return table


def for_programs(account: Account) -> dict[str, object]:
    """Without the hash."""
    return {
        "login": account.login,
        "name": account.name,
        "grants": {estate: sorted(roles) for estate, roles in account.grants.items()},
        "persons": dict(account.persons),
        "disabled": account.disabled,
        "password": account.hash is not None,
        "oidc": account.oidc,
    }


def _grants(account: Account, said: Language) -> Iterator[str]:
    for estate, roles in sorted(account.grants.items()):
        where = ("全部小区" if said == "zh" else "every estate") if estate == EVERYWHERE else estate
        person = f" ={account.persons[estate]}" if estate in account.persons else ""
        yield f"{where}{person}: {', '.join(_role(role, said) for role in sorted(roles))}"


def _role(role: Role, said: Language) -> str:
    return ROLE[role][0] if said == "zh" else role


def _nothing(said: Language) -> str:
    return "没有角色" if said == "zh" else "no roles"
