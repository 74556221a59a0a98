"""The schema as SQL files: `<segment>/<component>/<number>_<phase>_<name>.sql`.

A component is installed whole wherever a place of the topology needs it, so a replicated table is defined once, and
one file makes it at both ends. Phase `pre` adds (at the region before the sites), `post` removes (at the sites first).
"""

from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec


class Place(StrEnum):
    """What a database is for. Segments that are placed together share one database, which then has several places."""

    SITE = "site"
    DOCUMENTS = "documents"
    NSI = "nsi"
    MPI = "mpi"
    BOOKING = "booking"
    REGISTRY = "registry"
    RECORD = "record"

    @property
    def is_at_site(self) -> bool:
        return self in (Place.SITE, Place.DOCUMENTS)


EVERYWHERE = ("base.core", "audit.access")

# Order matters: a component may refer only to components named before it.
COMPONENTS: dict[Place, tuple[str, ...]] = {
    Place.SITE: (
        *EVERYWHERE,
        "nsi.dictionary",
        "nsi.search",
        "mpi.patient",
        "mpi.link",
        "record.visit",
        "access.account",
        "clinic.draft",
        "booking.slot",
        "booking.region",
        "booking.schedule",
        *("audit.reading", "audit.told", "audit.site_anchor", "audit.region_anchor"),
        *("record.consent", "mpi.break_glass", "clinic.glass", "clinic.new_visit", "trust.list"),
    ),
    Place.DOCUMENTS: (*EVERYWHERE, "mpi.link", "registry.document", "record.document"),
    Place.NSI: (*EVERYWHERE, "nsi.dictionary", "nsi.search", "nsi.holding", "nsi.draft", "trust.list"),
    Place.MPI: (
        *(*EVERYWHERE, "mpi.patient", "mpi.link", "mpi.index", "feed.position", "mpi.break_glass", "mpi.citizen"),
        "audit.region_anchor",
    ),
    Place.BOOKING: (*EVERYWHERE, "mpi.link", "booking.slot", "booking.region", "booking.sale", "feed.position"),
    Place.REGISTRY: (
        *EVERYWHERE,
        "mpi.link",
        "registry.document",
        "registry.arrival",
        "registry.ground",
        "access.client",
        "access.view",
        "authority.certificate",
        "feed.position",
        "monitor.link",
    ),
    Place.RECORD: (
        *(*EVERYWHERE, "mpi.link", "record.document", "record.visit", "record.fact", "record.arrival", "record.ground"),
        *("audit.reading", "audit.site_anchor", "record.consent", "feed.position"),
    ),
}


class Migration(msgspec.Struct, frozen=True):
    """One SQL file. It runs in a transaction unless its first line is `-- outside-transaction`."""

    component: str
    number: int
    phase: str
    name: str
    sql: str
    checksum: str

    @property
    def title(self) -> str:
        return f"{self.component}/{self.number:04}_{self.phase}_{self.name}"

    @property
    def transactional(self) -> bool:
        return not self.sql.startswith("-- outside-transaction")


def components_of(places: frozenset[Place]) -> tuple[str, ...]:
    """Return the components of a database that has all of `places`, in the order of installation."""
    wanted = {name for place in places for name in COMPONENTS[place]}
    order = list(dict.fromkeys(name for place in Place for name in COMPONENTS[place]))
    return tuple(name for name in order if name in wanted)


def migrations_of(component: str, root: Traversable | None = None) -> tuple[Migration, ...]:
    """Return the files of a component in order of number."""
    folder = root or files(__name__)
    for part in component.split("."):
        folder = folder / part
    found = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return tuple(_read_migration(component, item) for item in found)


def roles_sql() -> str:
    """Return idempotent statements that make the roles every server has."""
    return (files(__name__) / "roles.sql").read_text("utf-8")


def _read_migration(component: str, item: Traversable) -> Migration:
    number, phase, name = item.name.removesuffix(".sql").split("_", 2)
    content = item.read_bytes()
    return Migration(
        component=component,
        number=int(number),
        phase=phase,
        name=name,
        sql=content.decode("utf-8"),
        checksum=sha256(content).hexdigest(),
    )
