"""Refusals in RFC 9457 form, in the language of `Accept-Language`; and answers as JSON."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.contracts.commands import FieldMistake, Problem
from shared.contracts.event import Words
from shared.platform.errors import Rejected, Unavailable
from shared.platform.language import language_of as preferred_language
from shared.platform.mongo import passes

_TITLES = {
    401: Words(zh="缺少密钥或密钥无效", en="Missing or unknown key"),
    404: Words(zh="没有这个对象,或不属于您的小区", en="No such thing, or not of your estate"),
    405: Words(zh="不支持该方法", en="Method not allowed"),
    422: Words(zh="有参数需要更正", en="Some parameters need correcting"),
    503: Words(zh="暂时查不到,请稍后再试", en="Cannot be read now, try again soon"),
}
_MISSPELT = {"extra_forbidden": Words(zh="没有这个参数", en="No such parameter")}
_FAILURE = Words(zh="程序出错", en="A fault of ours")
_CORRECT = Words(zh="请按/openapi.json改正", en="Correct it by /openapi.json")
_NO_FONT = Words(zh="缺少中文字体,不能生成PDF", en="No Chinese font, so no PDF")
_BY_REASON = {"no-font": _NO_FONT}
_RETRY_AFTER_S = "2"


def answered(content: Any, status: int = 200) -> Response:
    """JSON with times in UTC; never cached, since the register changes all the time."""
    return Response(to_json(content), status, {"cache-control": "no-store"}, "application/json")


def not_found() -> Rejected:
    """The same for what does not exist and for what belongs to another estate."""
    return Rejected(404, "not-found", _TITLES[404])


def not_a_parameter(field: str, zh: str, en: str) -> Rejected:
    return Rejected(422, "parameters", Words(zh=zh, en=en), field)


def add_problems(app: FastAPI) -> None:
    """Every refusal of the app takes this form, the framework's own included."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(RequestValidationError, _misspelt)
    app.add_exception_handler(HTTPException, _by_framework)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(PyMongoError, _unavailable)


def language_of(request: Request) -> str:
    """Chinese unless English is preferred (`Accept-Language`, RFC 9110 12.5.4)."""
    return preferred_language(request.headers.get("accept-language", ""))


def _rejected(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    mistakes = [(error.field, error.words)] if error.field else []
    return _problem(request, error.status, error.reason, error.words, mistakes)


def _misspelt(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    mistakes = [(str(e["loc"][-1]), _MISSPELT.get(e["type"]) or _words_of(e)) for e in error.errors()]
    return _problem(request, 422, "parameters", _TITLES[422], mistakes)


def _words_of(error: dict[str, Any]) -> Words:
    return Words(zh=f"看不懂({error['type']})", en=str(error["msg"]))


def _by_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = _TITLES.get(error.status_code, _FAILURE)
    return _problem(request, error.status_code, "not-found" if error.status_code == 404 else "request", words, [])


def _unavailable(request: Request, error: Exception) -> Response:
    if isinstance(error, Unavailable) or passes(error):
        return _problem(request, 503, "unavailable", _TITLES[503], [])
    return _problem(request, 500, "failure", _FAILURE, [])


def _problem(
    request: Request, status: int, reason: str, words: Words, mistakes: list[tuple[str, Words]]
) -> Response:
    language = language_of(request)
    errors = tuple(
        FieldMistake(field=field, reason=_tell(why, language), way_out=_tell(_CORRECT, language))
        for field, why in mistakes
    )
    problem = Problem(
        type=f"urn:baoshi:problem:{reason}",
        title=_tell(_BY_REASON.get(reason) or _TITLES.get(status, words), language),
        status=status,
        detail=_tell(words, language),
        errors=errors,
    )
    headers = {"content-language": language, "cache-control": "no-store"}
    headers |= {"retry-after": _RETRY_AFTER_S} if status == 503 else {}
    headers |= {"www-authenticate": 'Bearer realm="baoshi"'} if status == 401 else {}
    return Response(problem.model_dump_json(), status, headers, "application/problem+json")


def _tell(words: Words, language: str) -> str:
    return words.en if language == "en" else words.zh
