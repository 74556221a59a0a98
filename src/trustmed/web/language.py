"""Switch the language of pages."""

from typing import Any

from litestar import Request, get
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.web import i18n
from trustmed.web.proxies import is_https

YEAR_SECONDS = 365 * 24 * 3600


@get("/language/{to:str}", include_in_schema=False, sync_to_thread=False)
def switch_language(request: Request[Any, Any, Any], to: FromPath[str], back: FromQuery[str] = "/") -> Redirect:
    """Remember the language in a cookie and return to the page."""
    chosen = i18n.choose(to, None, None)
    return Redirect(own_path(back), cookies=[language_cookie(request, chosen)])


def language_cookie(request: Request[Any, Any, Any], language: i18n.Language) -> Cookie:
    """Return the cookie by which pages keep a language for a year."""
    return Cookie(
        key=i18n.COOKIE, value=language, path="/", max_age=YEAR_SECONDS, samesite="lax", secure=is_https(request)
    )


def own_path(path: str | None) -> str:
    """Return `path` if it stays within this application, else the home page: it must not lead to a foreign site."""
    # Browsers leave tabs and line breaks out of an address: "/", a tab, "/evil.example" would lead there.
    is_own = path is not None and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own and path is not None else "/"
