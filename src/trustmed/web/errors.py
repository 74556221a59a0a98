"""Answer errors: a page for a person, problem+json (RFC 9457) for a program."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
import structlog
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.routes import HTTPRoute
from litestar.types import ExceptionHandlersMap
from psycopg_pool import PoolTimeout

from trustmed.db.unstorable import find_not_storable
from trustmed.errors import InputRefused, TrustMedError, Unavailable
from trustmed.web import i18n
from trustmed.web.identity import NotSignedIn, SetUpNeeded
from trustmed.web.limits import TooLarge
from trustmed.web.problem import MEDIA_TYPE, Problem
from trustmed.web.request import HungUp
from trustmed.web.templating import render

log = structlog.get_logger()

TITLES = {
    400: ("Запрос не понят", "The request was not understood"),
    401: ("Нужно войти", "Sign in"),
    403: ("Нет доступа", "No access"),
    404: ("Не найдено", "Not found"),
    405: ("Так сделать нельзя", "This cannot be done so"),
    409: ("Сейчас нельзя", "Not possible now"),
    413: ("Слишком большой файл", "The file is too large"),
    422: ("Не принято", "Not accepted"),
    429: ("Слишком часто", "Too often"),
    500: ("Ошибка системы", "A fault of the system"),
    503: ("Временно недоступно", "Not available now"),
}


WORDS = {
    404: (
        "Такой страницы нет. Проверьте адрес или начните с главной страницы.",
        "There is no such page. Check the address or begin with the home page.",
    ),
    405: (
        "По этому адресу так сделать нельзя. Начните с главной страницы.",
        "This cannot be done at this address. Begin with the home page.",
    ),
    413: (
        "Файл больше, чем принимает система. Выберите файл меньшего размера.",
        "What was sent is larger than the system takes. Choose a smaller file.",
    ),
}
"""Texts for people where Litestar itself refuses a request; its own words are for programmers."""


class RequestRefused(InputRefused):
    """The request itself is wrong: its form, method, size or encoding."""


class DatabaseAway(Unavailable):
    """The database does not answer now."""


class Fault(TrustMedError):
    """An unforeseen error; the log has it under the request's number."""


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Return whether the answer is for a browser and not for a program."""
    return not request.scope["path"].startswith(("/api/", "/portal/", "/health", "/ready", "/metrics"))


def handlers() -> ExceptionHandlersMap:
    return {
        TrustMedError: _known,
        HungUp: _nobody,
        psycopg.OperationalError: _database,
        PoolTimeout: _database,
        psycopg.DataError: _data,
        RecursionError: _too_deep,
        HTTPException: _http,
        Exception: _unforeseen,
    }


def answer(request: Request[Any, Any, Any], error: TrustMedError, status: int) -> Response[Any]:
    """Answer an error in the form and language that the client reads."""
    log.info("refused", code=error.code, status=status)
    response = _page(request, error, status) if wants_page(request) else _problem(request, error, status)
    wait = getattr(error, "retry_after_seconds", None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    if status == 401 and not wants_page(request):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _problem(request: Request[Any, Any, Any], error: TrustMedError, status: int) -> Response[Any]:
    problem = Problem(
        title(status),
        status,
        error.code,
        error.text(i18n.current.get()),
        request.scope["state"].get("request_id"),
        findings=getattr(error, "findings", None) or msgspec.UNSET,
    )
    return Response(problem, status_code=status, media_type=MEDIA_TYPE)


def title(status: int) -> str:
    ru, en = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    return i18n.by_language(ru, en)


def _page(request: Request[Any, Any, Any], error: TrustMedError, status: int) -> Response[Any]:
    if isinstance(error, NotSignedIn) and request.method == "GET":
        return Redirect("/sign-in", query_params={"next": request.scope["path"]})
    if isinstance(error, SetUpNeeded):
        return Redirect("/account", status_code=303)
    try:
        return render(
            request,
            "web/error.html",
            status=status,
            code=status,
            title=title(status),
            text=error.text(i18n.current.get()),
            findings=getattr(error, "findings", ()),
            request_id=request.scope["state"].get("request_id"),
        )
    except (psycopg.Error, PoolTimeout):
        # The layout of a page reads the database too, and that may be what is down.
        return Response(error.text(i18n.current.get()), status_code=status, media_type=MediaType.TEXT)


def _known(request: Request[Any, Any, Any], error: TrustMedError) -> Response[Any]:
    return answer(request, error, error.status)


def _nobody(request: Request[Any, Any, Any], error: HungUp) -> Response[Any]:
    return Response(None, status_code=error.status, media_type=MediaType.TEXT)


def _database(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("database_away", error=error)
    known = DatabaseAway(
        "База данных сейчас не отвечает, введённое не сохранено. Повторите через минуту.",
        "The database does not answer now; what was entered is not kept. Try again in a minute.",
    )
    return answer(request, known, known.status)


def _data(request: Request[Any, Any, Any], error: psycopg.DataError) -> Response[Any]:
    refused = find_not_storable(error)
    return _unforeseen(request, error) if refused is None else _known(request, refused)


def _too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """Refuse a body that is nested too deeply; nothing else recurses so deep here."""
    log.warning("too_deep", exc_info=error)
    refused = RequestRefused(
        "Запрос не понят: вложенность данных слишком велика. Отправьте данные в описанном виде.",
        "The request was not understood: its data are nested too deeply. Send them as described.",
    )
    return answer(request, refused, 400)


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    # Litestar answers 400 to values that fail validation too (then with `extra`); clients here are promised 422.
    status = 422 if error.status_code == 400 and error.extra else error.status_code
    if status == 413:
        return answer(request, TooLarge(request.route_handler.resolve_request_max_body_size() or 0), status)
    ru, _ = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    if status == 405:
        refused = answer(request, RequestRefused(*WORDS[405]), status)
        refused.headers["Allow"] = ", ".join(_allowed_methods(request))  # RFC 9110, section 15.5.6
        return refused
    if status in WORDS:
        return answer(request, RequestRefused(*WORDS[status]), status)
    detail = _what(error)
    return answer(request, RequestRefused(f"{ru}: {detail}.", f"{detail}."), status)


def _allowed_methods(request: Request[Any, Any, Any]) -> list[str]:
    """Return the methods that the request's address answers."""
    asked = request.scope["path"].strip("/").split("/")
    return sorted(
        {
            method
            for route in request.app.routes
            if isinstance(route, HTTPRoute) and _fits(route, asked)
            for method in route.methods
        }
    )


def _fits(route: HTTPRoute, asked: Sequence[str]) -> bool:
    """Return whether a path's parts may be this route's; any text may stand for a parameter."""
    parts = route.path.strip("/").split("/")
    return len(parts) == len(asked) and all(
        part.startswith("{") or part == given for part, given in zip(parts, asked, strict=True)
    )


def _what(error: HTTPException) -> str:
    """Return which field or part is wrong, without its value, which may be a patient's data."""
    fields = [str(item.get("key") or item.get("message")) for item in error.extra or () if isinstance(item, dict)]
    return ", ".join(fields) if fields else (error.detail or "").split(" for ")[0].rstrip(".")


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("fault", error=error, exc_info=error)
    number = request.scope["state"].get("request_id")
    known = Fault(
        f"Произошла непредвиденная ошибка. Сообщите инженеру номер запроса {number}.",
        f"Something unforeseen went wrong. Tell an engineer the request number {number}.",
    )
    return answer(request, known, 500)
