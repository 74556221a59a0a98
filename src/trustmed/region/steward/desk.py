"""What the stewards' pages take from a request and from the topology."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from litestar import Request

from trustmed.patient.writing import tidy
from trustmed.region.access.model import Reader
from trustmed.region.organizations import organization_titles
from trustmed.region.persons.shown import clinic_title
from trustmed.region.pools import Pools
from trustmed.region.steward.model import Author
from trustmed.web.guards import role_is
from trustmed.web.i18n import gettext as _
from trustmed.web.identity import identity_of

AnyRequest = Request[Any, Any, Any]
readers = role_is("steward", "analyst")
stewards = role_is("steward")


def pools_of(request: AnyRequest) -> Pools:
    return request.app.state.pools


def reader_of(request: AnyRequest) -> Reader:
    """Who looks. Raises NotSignedIn."""
    identity = identity_of(request)
    return Reader(str(identity.account_id), identity.name, "region", "service")


def author_of(request: AnyRequest) -> Author:
    """Who decides. Raises NotSignedIn."""
    identity = identity_of(request)
    return Author(identity.login, identity.name)


def clinics(request: AnyRequest) -> dict[int, str]:
    """Titles of the region's organisations by their numbers."""
    return organization_titles(pools_of(request).topology)


def clinic_of(request: AnyRequest, organization_id: int) -> str:
    """An organisation's title; its number where the topology has it no more."""
    return clinic_title(pools_of(request).topology, organization_id)


async def fields(request: AnyRequest) -> dict[str, str]:
    """A form's texts, tidied; of several of one name the last that says something."""
    form = await request.form()
    found: dict[str, str] = {}
    for name, given in form.multi_items():
        if isinstance(given, str) and (tidy(given) or name not in found):
            found[name] = tidy(given)
    return found


def reason_in(given: dict[str, str], chosen: str) -> str:
    """The ready reason of the field `chosen` and the steward's own words, whichever there are."""
    return ". ".join(filter(None, (given.get(chosen, ""), given.get("words", ""))))


def address(path: str, **query: object) -> str:
    """The path with those of the values that say something."""
    told = {name: str(one) for name, one in query.items() if one not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


def age(since: dt.datetime) -> str:
    """How long ago, in one unit."""
    seconds = max((dt.datetime.now(dt.UTC) - since).total_seconds(), 0)
    for unit, size in ((_("дн."), 86400), (_("ч"), 3600)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return " ".join((str(int(seconds // 60)), _("мин")))
