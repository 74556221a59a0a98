"""Render pages from Jinja templates. A room's templates lie in `<room>/templates/`, named `<room>/<file>` in code."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType
from markupsafe import Markup

from trustmed.web import i18n
from trustmed.web.assets import Fingerprints
from trustmed.web.csrf import FIELD, make_token

UNIT_STEP: Final = 1024


def environment(rooms: Mapping[str, str]) -> Environment:
    """Return the templates of `rooms` (name in template paths -> package with a folder `templates`) and of "web"."""
    loaders = {name: PackageLoader(package) for name, package in {"web": "trustmed.web", **rooms}.items()}
    made = Environment(
        loader=PrefixLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", Fingerprints],
    )
    made.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # ty: ignore[missing-attribute]  # pyright: ignore[reportAttributeAccessIssue]
    made.filters.update(
        day=day, moment=moment, clock=clock, size=size, grouped=grouped, lag=lag, snils=snils, decimal=decimal
    )
    made.filters["time_of"] = time_of
    return made


def render(
    request: Request[Any, Any, Any], template: str, /, *, status: int = 200, fragment: str | None = None, **context: Any
) -> Response[str]:
    """Render the page; for an htmx request that replaces a part of it, only the block `fragment`."""
    found = request.app.state.templates.get_template(template)
    token, cookie = make_token(request)
    everything = {**request.app.state.layout(request), **common(request, token), **context}
    if fragment is not None and request.headers.get("hx-request-type") == "partial":
        text = "".join(found.blocks[fragment](found.new_context(everything)))
    else:
        text = found.render(everything)
    return Response(text, media_type=MediaType.HTML, status_code=status, cookies=[cookie] if cookie else None)


def common(request: Request[Any, Any, Any], token: str) -> dict[str, Any]:
    """Return what every template may use besides its own values; `token` is for the forms of this page."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return {
        "identity": request.scope.get("user"),
        "language": i18n.current.get(),
        "csrf_field": Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token),
        "here": path,
        "here_with_query": f"{path}?{query}" if query else path,
    }


def day(value: date | None) -> str:
    """Format a day: 05.11.2026 in Russian, 5 Nov 2026 in English."""
    if value is None:
        return ""
    return value.strftime("%d.%m.%Y") if i18n.current.get() == "ru" else f"{value.day} {value:%b %Y}"


def moment(value: datetime | None) -> str:
    """Format day and time in the server's time zone."""
    if value is None:
        return ""
    local = value.astimezone()
    return f"{day(local)} {local:%H:%M}"


def time_of(value: datetime) -> str:
    """Format hours and minutes in the server's time zone."""
    return f"{value.astimezone():%H:%M}"


def clock(value: datetime | None) -> str:
    """Format day and time to the second, in the server's time zone."""
    return f"{moment(value)}:{value.astimezone():%S}" if value is not None else ""


def grouped(value: float) -> str:
    """Format a whole number with its thousands apart: 12 345."""
    return f"{round(value):,}".replace(",", "\N{NO-BREAK SPACE}")


def lag(value: float) -> str:
    """Format milliseconds, with one decimal below ten."""
    if value >= 10:
        return grouped(value)
    return f"{value:.1f}".replace(".", "," if i18n.current.get() == "ru" else ".")


def decimal(value: float) -> str:
    """Format with one decimal: 12,3 in Russian, 12.3 in English."""
    return f"{value:.1f}".replace(".", "," if i18n.current.get() == "ru" else ".")


def size(value: int) -> str:
    """Format a number of bytes in the unit that suits it."""
    for unit in (i18n.gettext("байт"), i18n.gettext("КБ")):
        if value < UNIT_STEP:
            return f"{value} {unit}"
        value = round(value / UNIT_STEP)
    return " ".join((str(value), i18n.gettext("МБ")))


def snils(value: str | None) -> str:
    """Format 11 digits as 112-233-445 95."""
    return "" if not value else f"{value[:3]}-{value[3:6]}-{value[6:9]} {value[9:]}"
