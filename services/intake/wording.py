"""What the door says when it refuses, in both languages: a title for each problem, words for each mistake."""

from typing import Any

from pydantic_core import ErrorDetails

from services.intake.problems import Mistake, Refusal
from shared.contracts.event import Words


def words(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


TITLES: dict[str, Words] = {
    "not-json": words("请求内容不是JSON", "The body is not JSON"),
    "too-deep": words("JSON嵌套过深", "The JSON is nested too deeply"),
    "no-key": words("缺少密钥或密钥无效", "Missing or unknown key"),
    "not-your-role": words("该密钥不能代表此岗位", "This key may not speak for that role"),
    "not-yourself": words("不是登录的本人", "Not the person who signed in"),
    "not-your-post": words("不是本岗", "Not this post"),
    "not-your-person": words("不是本岗的人", "Nobody of this post"),
    "not-found": words("没有这个对象", "Not found"),
    "not-allowed": words("不支持该方法", "Method not allowed"),
    "too-large": words("请求内容过大", "The body is too large"),
    "too-slow": words("请求内容迟迟未到", "The body did not arrive in time"),
    "not-json-type": words("内容类型须为application/json", "The content type must be application/json"),
    "fields": words("有字段需要更正", "Some fields need correcting"),
    "key-reused": words("同一Idempotency-Key内容不同", "Idempotency-Key used with other content"),
    "phone-us": words("暂时无法接收,请立即打电话", "Cannot take this now, please phone at once"),
    "failure": words("程序出错,请打电话", "A fault of ours, please phone"),
}

_LOOK = words("请按接口文档/openapi.json改正后重发", "Correct it by /openapi.json and send again")
_PYDANTIC: dict[str, tuple[Words, Words]] = {
    "missing": (words("缺少该字段", "Missing"), words("请补上", "Add it")),
    "extra_forbidden": (words("没有这个字段", "No such field"), words("请核对字段名", "Check the field's name")),
    "string_too_long": (
        words("过长,最多{max_length}个字符", "Longer than {max_length} characters"),
        words("请缩短,其余写入text", "Shorten it; put the rest into text"),
    ),
    "string_too_short": (words("不能为空", "Empty"), words("请填写", "Fill it in")),
    "string_type": (words("须为文字", "Not a text"), words("请写成字符串", "Send a string")),
    "string_pattern_mismatch": (
        words("为空、含控制字符或写法不符", "Blank, with control characters, or not of this form"),
        words("请去掉控制字符并核对写法", "Remove control characters and check the form"),
    ),
    "literal_error": (
        words("只能是{expected}之一", "Not one of {expected}"),
        words("请改选", "Choose one of them"),
    ),
    "union_tag_invalid": (
        words("type只能是{expected_tags}之一", "type is not one of {expected_tags}"),
        words("请改选", "Choose one of them"),
    ),
    "union_tag_not_found": (words("缺少type", "type is missing"), words("请写明type", "Say the type")),
    "timezone_aware": (
        words("时间没有时区", "The time has no zone"),
        words("请写成2026-01-01T08:00:00+08:00", "Write it as 2026-01-01T08:00:00+08:00"),
    ),
    "too_long": (
        words("项数过多,最多{max_length}项", "More than {max_length} items"),
        words("请减少", "Send fewer"),
    ),
}


def shaped(error: ErrorDetails, path: tuple[int | str, ...]) -> Mistake:
    """A mistake of form. Quotes what is allowed, never what was sent."""
    context: dict[str, Any] = error.get("ctx") or {}
    why, way_out = _PYDANTIC.get(error["type"], (words("看不懂", "Cannot be read"), _LOOK))
    return Mistake(".".join(map(str, path)) or "body", _filled(why, context), way_out)


def _filled(text: Words, context: dict[str, Any]) -> Words:
    return Words(zh=text.zh.format_map(context), en=text.en.format_map(context))


def unknown(what_zh: str, what_en: str) -> Refusal:
    """404, the same for what does not exist and for what belongs to another estate."""
    return Refusal(
        404, "not-found", words(f"没有这个{what_zh},或不属于您的小区", f"No such {what_en}, or not of your estate")
    )


def fields(mistakes: list[Mistake]) -> Refusal:
    """422 that names each field."""
    named = "、".join(m.field for m in mistakes)
    return Refusal(422, "fields", words(f"请更正:{named}", f"Please correct: {named}"), tuple(mistakes))


def phone_us(retry_after_s: int, phone: str) -> Refusal:
    """503: nothing was promised; the way that always works is the telephone."""
    zh = f"系统暂时收不下,请立即打电话给客服中心或监控中心{phone},人命关天先拨120/110/119"
    en = f"Not taken in. Phone the service centre or control room {phone} now; danger to life: 120/110/119 first"
    return Refusal(503, "phone-us", words(zh, en), headers={"retry-after": str(retry_after_s)})
