"""Read what the stewards' pages need out of a request and the topology."""

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
SECONDS_OF_DAY = 86_400
SECONDS_OF_HOUR = 3_600
readers = role_is("steward", "analyst")
stewards = role_is("steward")


def pools_of(request: AnyRequest) -> Pools:
    return request.app.state.pools


def reader_of(request: AnyRequest) -> Reader:
    """Return who reads. Raises NotSignedIn."""
    identity = identity_of(request)
    return Reader(str(identity.account_id), identity.name, "region", "service")


def author_of(request: AnyRequest) -> Author:
    """Return who decides. Raises NotSignedIn."""
    identity = identity_of(request)
    return Author(identity.login, identity.name)


def clinics(request: AnyRequest) -> dict[int, str]:
    """Return the titles of the region's organisations by their ids."""
    return organization_titles(pools_of(request).topology)


def clinic_of(request: AnyRequest, organization_id: int) -> str:
    """Return an organisation's title, or its number if the topology no longer has it."""
    return clinic_title(pools_of(request).topology, organization_id)


async def form_fields(request: AnyRequest) -> dict[str, str]:
    """Return a form's texts, tidied; of several with one name, the last that is not empty."""
    form = await request.form()
    found: dict[str, str] = {}
    for name, given in form.multi_items():
        if isinstance(given, str) and (tidy(given) or name not in found):
            found[name] = tidy(given)
    return found


def reason_in(given: dict[str, str], chosen: str) -> str:
    """Return the ready reason in the field `chosen` and the steward's own words, if given."""
    return ". ".join(filter(None, (given.get(chosen, ""), given.get("words", ""))))


def address(path: str, **query: object) -> str:
    """Return the path with those values that are not empty."""
    told = {name: str(one) for name, one in query.items() if one not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


def age(since: dt.datetime) -> str:
    """Return how long ago it was, in one unit."""
    seconds = max((dt.datetime.now(dt.UTC) - since).total_seconds(), 0)
    for unit, size in ((_("дн."), SECONDS_OF_DAY), (_("ч"), SECONDS_OF_HOUR)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return " ".join((str(int(seconds // 60)), _("мин")))
