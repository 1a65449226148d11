"""`baoshi posts`: links to the page of a post, to be printed or sent, and an end to them."""

from typing import Annotated

import segno
import typer

from cli.directory import fail, on_directory, told
from cli.language import Lang, language
from shared.contracts.event import Words
from shared.platform.admin_key import ensure_session_key
from shared.platform.mongo import Database
from shared.platform.post_links import OPENED_AT, PostLinks
from shared.platform.sessions import sessions_of
from shared.platform.settings import Settings

Estate = Annotated[str, typer.Option("--estate", help="the estate's code · 小区代码")]
Post = Annotated[str, typer.Option("--post", help="the post's id · 岗位编号")]
Qr = Annotated[bool, typer.Option("--qr", help="as a QR code too · 同时显示二维码")]
At = Annotated[str | None, typer.Option("--address", help="where browsers reach notify · 浏览器访问的地址")]
_NEW = Words(zh="新链接;此岗以前的链接在 30 秒内失效:", en="A new link; older ones of this post end within 30 s:")
_ENDED = Words(zh="此岗的链接和登录在 30 秒内失效", en="the post's links and sessions end within 30 s")
_NO_ADDRESS = Words(
    zh="不知道浏览器访问的地址:请用 --address https://…,或设置 BAOSHI_PAGES_NOTIFY",
    en="Where do browsers reach it? Use --address https://…, or set BAOSHI_PAGES_NOTIFY",
)


def mount(app: typer.Typer) -> None:
    """Adds `posts` with its commands."""
    group = typer.Typer(help="Pages of posts · 岗位页面", no_args_is_help=True)
    group.command("link")(link)
    group.command("end")(end)
    app.add_typer(group, name="posts")


def link(estate: Estate, post: Post, qr: Qr = False, address: At = None, lang: Lang = None) -> None:
    """Make a post's link anew; whoever has it can answer for the post. · 新建岗位链接"""
    said = language(lang)
    base = (address or Settings().pages_notify).rstrip("/")
    if not base.startswith(("http://", "https://")):
        fail(_NO_ADDRESS, said, 2)
    token = on_directory(said, lambda mongo: _links(mongo).issue(estate, post))
    whole = f"{base}{OPENED_AT}{token}"
    typer.echo(told(_NEW, said), err=True)
    typer.echo(whole)
    if qr:
        segno.make(whole, error="m").terminal(compact=True)


def end(estate: Estate, post: Post, lang: Lang = None) -> None:
    """End a post's links and its page's sessions. · 作废岗位链接"""
    said = language(lang)
    on_directory(said, lambda mongo: _links(mongo).end(estate, post))
    typer.echo(told(_ENDED, said))


def _links(mongo: Database) -> PostLinks:
    settings = Settings()
    return PostLinks(ensure_session_key(settings), mongo, sessions_of(settings, mongo))
