"""The citizen's page: who looked into their record, and their consents.

A portal asks for a one-time address that opens it. The page only reads.
"""

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, Router, get
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.region.disclosures import words
from trustmed.region.disclosures.consent import consents_of
from trustmed.region.disclosures.model import LooksQuery
from trustmed.region.disclosures.service import find_looks
from trustmed.region.disclosures.views import SESSION, find_view, open_view
from trustmed.region.organizations import organization_titles
from trustmed.region.pools import Pools
from trustmed.region.shards import Missing
from trustmed.web.forms import day_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.language import language_cookie
from trustmed.web.proxies import is_https
from trustmed.web.templating import render

AnyRequest = Request[Any, Any, Any]
OPENING: Final = "/citizen/open"
PAGES: Final = {"accesses": "/citizen/accesses"}


@get("/open/{token:str}")
async def open_address(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Begin the short session of a one-time address and redirect to its page."""
    state = request.app.state
    view, session = await open_view(state.pools, token)
    cookie = Cookie(
        key=_cookie_name(request),
        value=session,
        path="/citizen",
        httponly=True,
        secure=is_https(request),
        samesite="lax",
        max_age=int(SESSION.total_seconds()),
    )
    language = language_cookie(request, view.language)
    return Redirect(PAGES[view.page], status_code=303, cookies=[cookie, language])


@get("/accesses")
async def accesses_page(
    request: AnyRequest,
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    only: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Show the accesses. `since`, `until`: days, both included; `only=glass`: emergency access only."""
    pools: Pools = request.app.state.pools
    view = await find_view(pools, request.cookies.get(_cookie_name(request)))
    first, last = day_or_none(since), day_or_none(until)
    wrong = bool((since and first is None) or (until and last is None))
    glass_only = only == "glass"
    query = LooksQuery(_start(first), _start(last, 1), glass_only, after or None)
    # One after the other: reading the consents leaves an audit row too, and the list must not show this very visit.
    looked = await find_looks(pools, view.reader(), view.person_id, query)
    consents = await consents_of(pools, view.reader(), view.person_id)
    kept = {"since": first, "until": last, "only": "glass" if glass_only else None}
    return render(
        request,
        "disclosures/accesses.html",
        home=PAGES[view.page],
        view=view,
        looked=looked,
        consents=consents,
        missing=_sentences(pools, (*looked.missing, *consents.missing)),
        since=first,
        until=last,
        glass_only=glass_only,
        is_narrowed=bool(first or last or glass_only),
        wrong=wrong,
        is_further=bool(after),
        kept=urlencode({name: value for name, value in kept.items() if value}),
        title_of=organization_titles(pools.topology),
        done=words.action_words,
        ground=words.ground_words,
    )


def _cookie_name(request: AnyRequest) -> str:
    return f"{request.app.state.session_cookie_name}_citizen"


def _start(day: dt.date | None, later: int = 0) -> dt.datetime | None:
    """Return the midnight that begins the day (or the one `later` days after it), by the server's clock."""
    if day is None or not dt.date(1900, 1, 1) <= day <= dt.date(2999, 12, 31):
        return None
    return dt.datetime.combine(day + dt.timedelta(days=later), dt.time()).astimezone()


def _sentences(pools: Pools, missing: tuple[Missing, ...]) -> list[str]:
    """Say what cannot be shown now, each thing once."""
    titles = organization_titles(pools.topology)
    said: dict[str, None] = {}
    for one in missing:
        clinics = ", ".join(
            titles.get(number) or _("организация %(number)s") % {"number": number} for number in one.organizations
        )
        if not clinics:
            sentence = _(
                "Не отвечает общая часть системы региона: обращения через неё сейчас не видны. Загляните позже."
            )
            said[sentence] = None
        elif not one.part:
            said[_("Неизвестно, где хранятся обращения: %(clinics)s.") % {"clinics": clinics}] = None
        else:
            said[_("Сейчас не видны обращения и согласия: %(clinics)s. Загляните позже.") % {"clinics": clinics}] = None
    return list(said)


def citizen_pages() -> Router:
    return Router("/citizen", route_handlers=[open_address, accesses_page], include_in_schema=False)
