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
    cookie = Cookie(
        key=i18n.COOKIE, value=chosen, path="/", max_age=YEAR_SECONDS, samesite="lax", secure=is_https(request)
    )
    return Redirect(own_path(back), cookies=[cookie])


def own_path(path: str | None) -> str:
    """Return `path` if it stays within this application, else the home page: it must not lead to a foreign site."""
    # Browsers leave tabs and line breaks out of an address: "/", a tab, "/evil.example" would lead there.
    is_own = path is not None and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own and path is not None else "/"
