"""One-time addresses of pages for citizens: a portal asks for one, the citizen's browser opens it once.

Token and session are known by SHA-256 only; the database itself opens an address once and ends a session in time.
"""

import datetime as dt
import secrets
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from trustmed.audit.actions import Action
from trustmed.db.queries import load
from trustmed.errors import Broken, Forbidden
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import reading
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.web.i18n import Language

QUERIES = load(__package__)
PageName = Literal["accesses"]
SESSION: Final = dt.timedelta(minutes=15)
"""As long as `access.open_view` gives."""


class AddressSpent(Forbidden):
    """The address was opened already, has expired, or was never given; which of them is not told."""

    def __init__(self) -> None:
        super().__init__(
            "Эта ссылка больше не действует: она открывается один раз и в течение пяти минут. "
            "Вернитесь на портал и откройте раздел ещё раз.",
            "This address works no more: it opens once and within five minutes. "
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
    """The database made no address, though the reading was recorded."""


class Made(msgspec.Struct, frozen=True):
    """`token` is kept nowhere."""

    token: str
    expires_at: dt.datetime


class View(msgspec.Struct, frozen=True):
    """Whose page is open, on whose behalf, until when."""

    person_id: UUID
    client: str
    client_name: str
    page: PageName
    language: Language
    until: dt.datetime

    def reader(self) -> Reader:
        """The citizen, through the portal that sent them."""
        return Reader(self.client, self.client_name, "portal", "own")


async def make_view(pools: Pools, reader: Reader, person_id: UUID, page: PageName, language: Language) -> Made:
    """A new address for the person's page. Raises PartMissing, ViewRefused."""
    token = secrets.token_urlsafe(32)
    values = {
        "person_id": person_id,
        "token": _hash(token),
        "client": reader.actor,
        "client_name": reader.actor_name,
        "page": page,
        "language": language,
    }
    access = Access(reader, Action.VIEW_OPEN, person_id)
    async with reading(pools, pools.of_place(Place.REGISTRY), access) as connection:
        row = await (await connection.execute(QUERIES["make_view"], values)).fetchone()
        if row is None or row[0] is None:
            raise ViewRefused(
                "База не создала ссылку. Сообщите инженеру региона.",
                "The database made no address. Tell the region's engineer.",
            )
    return Made(token, row[0])


async def open_view(pools: Pools, token: str) -> tuple[View, str]:
    """Open an address; returns the view and its session's secret. Raises AddressSpent, PartMissing."""
    session = secrets.token_urlsafe(32)
    view = await _view(pools, "open_view", {"token": _hash(token), "session": _hash(session)})
    if view is None:
        raise AddressSpent
    return view, session


async def view_of(pools: Pools, session: str | None) -> View:
    """The view a session was opened for. Raises ViewOver, PartMissing."""
    view = await _view(pools, "view_of_session", {"session": _hash(session)}) if session else None
    if view is None:
        raise ViewOver
    return view


async def _view(pools: Pools, name: str, values: dict[str, str]) -> View | None:
    async with (
        pools.connection(pools.of_place(Place.REGISTRY)) as connection,
        connection.cursor(row_factory=class_row(View)) as rows,
    ):
        await rows.execute(QUERIES[name], values)
        return await rows.fetchone()


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
