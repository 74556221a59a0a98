"""Shares of slots that the region sets and sites follow, and whose the slots are now. For the engineer's commands."""

import datetime as dt
from collections.abc import Iterable

import msgspec
import psycopg

from trustmed.booking.model import VisitKind
from trustmed.booking.share import Quota
from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.db.rows import find_structs
from trustmed.errors import InputRefused, NotFound
from trustmed.topology.file.spec import Topology

QUERIES = load(__package__)
KINDS: tuple[VisitKind, ...] = ("first", "repeat", "any")
MOST_HOURS = 720


class OrganizationMissing(NotFound):
    """The topology has no such organisation."""

    def __init__(self, organization_id: int) -> None:
        super().__init__(
            f"Организации {organization_id} нет в файле топологии. Номера организаций: region.toml, site.organization.",
            f"Organisation {organization_id} is not in the topology file. Ids are in region.toml, site.organization.",
        )


class QuotaRefused(InputRefused):
    """A share that is not a percentage."""

    def __init__(self) -> None:
        super().__init__(
            f"Квота задаётся так: вид приёма {', '.join(KINDS)}; доля от 0 до 100 процентов; возврат за 0-{MOST_HOURS} "
            "часов до приёма. Исправьте значения.",
            f"A quota is a kind of visit ({', '.join(KINDS)}), 0 to 100 percent, and a return 0-{MOST_HOURS} hours "
            "before the visit. Correct the values.",
        )


class Share(msgspec.Struct, frozen=True):
    """A quota as it stands, who set it and when."""

    organization_id: int
    visit_kind: str
    speciality_code: str
    percent: int
    return_hours: int
    set_by: str
    set_at: dt.datetime


class Owned(msgspec.Struct, frozen=True):
    """How many future slots an organisation has, by owner; the region's are free or booked."""

    organization_id: int
    of_site: int
    free: int
    booked: int


def set_quota(connection: psycopg.Connection, topology: Topology, organization_id: int, quota: Quota, by: str) -> None:
    """Set a share; the site follows when it hears of it. `connection`: the booking database, trustmed_feed.

    Raises OrganizationMissing, QuotaRefused.
    """
    if topology.organization(organization_id) is None:
        raise OrganizationMissing(organization_id)
    in_range = 0 <= quota.percent <= 100 and 0 <= quota.return_hours <= MOST_HOURS
    if quota.visit_kind not in KINDS or not in_range or not quota.speciality_code.isprintable():
        raise QuotaRefused
    values = msgspec.structs.asdict(quota) | {"organization_id": organization_id, "set_by": by}
    connection.execute(QUERIES["set_quota"], values)


def quotas(connection: psycopg.Connection, organization_id: int | None = None) -> list[Share]:
    """Return the shares of one organisation or of all."""
    return find_structs(connection, Share, QUERIES["quotas"], {"organization_id": organization_id})


def owned(connection: psycopg.Connection, organizations: Iterable[int]) -> list[Owned]:
    """Return future slots of these organisations by owner; an organisation without any is left out."""
    return find_structs(connection, Owned, QUERIES["slot_counts"], {"organizations": array_literal(organizations)})
