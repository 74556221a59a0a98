"""Make one-time addresses of pages for citizens: a portal asks for one, the citizen's browser opens it once.

Only the SHA-256 of token and session is stored; the database itself opens an address once and ends a session in time.
"""

import datetime as dt
import secrets
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_struct
from trustmed.db.queries import load
from trustmed.errors import Broken, Forbidden
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import open_reading
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.web.i18n import Language

QUERIES = load(__package__)
PageName = Literal["accesses"]
SESSION: Final = dt.timedelta(minutes=15)
"""As long as the database function `access.open_view` grants."""


class AddressSpent(Forbidden):
    """The address was opened already, has expired or never existed; the error does not say which."""

    def __init__(self) -> None:
        super().__init__(
            "Эта ссылка больше не действует: она открывается один раз и в течение пяти минут. "
            "Вернитесь на портал и откройте раздел ещё раз.",
            "This address no longer works: it opens once and within five minutes. "
            "Go back to the portal and open the section again.",
        )


class ViewOver(Forbidden):
    """The citizen's short session is over, or there was none."""

    def __init__(self) -> None:
        super().__init__(
            "Страница закрыта: она доступна 15 минут после открытия с портала. Откройте раздел на портале ещё раз.",
            "The page is closed: it stays open for 15 minutes after coming from the portal. "
            "Open the section on the portal again.",
        )


class ViewRefused(Broken):
    """The database made no address, although the access was recorded."""


class OneTimeAddress(msgspec.Struct, frozen=True):
    """The token of an address and when it expires. The token itself is stored nowhere."""

    token: str
    expires_at: dt.datetime


class View(msgspec.Struct, frozen=True):
    """An open page: whose it is, which client asked for it, until when it stays open."""

    person_id: UUID
    client: str
    client_name: str
    page: PageName
    language: Language
    until: dt.datetime
    detail: str | None = None

    def reader(self) -> Reader:
        """Return the citizen as a reader, through the portal that sent them."""
        return Reader(self.client, self.client_name, "portal", "own", self.detail)


async def make_view(
    pools: Pools, reader: Reader, person_id: UUID, page: PageName, language: Language
) -> OneTimeAddress:
    """Make an address for the person's page. Raises PartMissing, ViewRefused."""
    token = secrets.token_urlsafe(32)
    values = {
        "person_id": person_id,
        "token": _hash(token),
        "client": reader.actor,
        "client_name": reader.actor_name,
        "page": page,
        "language": language,
        "detail": reader.detail,
    }
    access = Access(reader, Action.VIEW_OPEN, person_id)
    async with open_reading(pools, pools.of_place(Place.REGISTRY), access) as connection:
        row = await (await connection.execute(QUERIES["make_view"], values)).fetchone()
        if row is None or row[0] is None:
            raise ViewRefused(
                "База не создала ссылку. Сообщите инженеру региона.",
                "The database made no address. Tell the region's engineer.",
            )
    return OneTimeAddress(token, row[0])


async def open_view(pools: Pools, token: str) -> tuple[View, str]:
    """Open an address; return the view and its session's secret. Raises AddressSpent, PartMissing."""
    session = secrets.token_urlsafe(32)
    view = await _view(pools, "open_view", {"token": _hash(token), "session": _hash(session)})
    if view is None:
        raise AddressSpent
    return view, session


async def find_view(pools: Pools, session: str | None) -> View:
    """Return the view a session was opened for. Raises ViewOver, PartMissing."""
    view = await _view(pools, "view_of_session", {"session": _hash(session)}) if session else None
    if view is None:
        raise ViewOver
    return view


async def _view(pools: Pools, name: str, values: dict[str, str]) -> View | None:
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        return await find_struct(connection, View, QUERIES[name], values)


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
