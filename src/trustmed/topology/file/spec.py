"""What `region.toml` says, as values. `load` reads the file and refuses a bad one."""

from pathlib import Path
from typing import Literal

import msgspec

from trustmed.errors import NotFound
from trustmed.schema import Place
from trustmed.topology.file.citizens import Citizens
from trustmed.topology.watched import WATCHED


class UnknownSite(NotFound):
    """The topology has no site of that name."""


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A PostgreSQL server. Passwords are never here: see `topology.secrets`.

    `address_from_region` (host:port) is where the region's servers reach a site's server, if that is not host:port.
    `standby`: it has a synchronous standby, and links confirm to their sources only what the standby has.
    """

    name: str
    port: int
    host: str = "127.0.0.1"
    administrator: str = "postgres"
    address_from_region: str | None = None
    standby: bool = False


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a segment of the region lives. Segments may share a database; then they share links."""

    name: Literal["nsi", "mpi", "booking", "registry"]
    server: str
    database: str


class Shard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the databases of the integrated record, which is spread over them by site."""

    name: str
    server: str
    database: str


class DatabasePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A database on a server."""

    server: str
    database: str


class Organization(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A medical organisation (МО). `id` is the tenant key in every table; it is never reused."""

    id: int
    oid: str
    title: str
    ogrn: str
    address: str
    phone: str
    region_code: str = "77"  # dictionary 1.2.643.5.1.13.13.99.2.206
    okpo: str | None = None
    okato: str | None = None


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One deployment of the clinics' system. `documents` places signed documents in a database of their own.

    `reference_address` (host:port) is where the site's server reaches the region's server that sends rows to sites;
    `region_web` is where the site's programs reach the region's web server (the region's `listen` if not given).
    `trusted_proxies`: addresses or networks of proxies before the web server, whose X-Forwarded-For and
    X-Forwarded-Proto are believed; nobody else's are.
    """

    name: str
    title: str
    server: str
    database: str
    shard: str
    listen: str
    organization: tuple[Organization, ...]
    documents: DatabasePlace | None = None
    link: Literal["online", "packets"] = "online"
    location: Literal["local", "central"] = "local"
    cache: str | None = None
    reference_address: str | None = None
    region_web: str | None = None
    title_en: str | None = None
    trusted_proxies: tuple[str, ...] = ()


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The region. `cache` is a redis:// address without a password; `listen` is host:port of its web server.

    `authority` is the folder of roots and revocation lists of an authority that takes the place of the region's own.
    `trusted_proxies`: as of a site. Without `citizens` the interface of citizens' portals is closed.
    """

    name: str
    oid: str
    listen: str
    cache: str | None = None
    secrets: str = "secrets"
    authority: str | None = None
    name_en: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    citizens: Citizens | None = None


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Revocation lists of the authorities whose signatures documents bear: how old they may be, where they come from.

    `crl_days`: the oldest list that vouches for a signer, while the site is linked with the region; `crl_days_cut_off`:
    while it is cut off or fed by packets. `crl_urls`: where `trustmed trust refresh` fetches lists, besides the
    addresses that certificates of the trust folder name. `proxy`: an http:// address for that.
    """

    crl_days: int = 7
    crl_days_cut_off: int = 30
    crl_urls: tuple[str, ...] = ()
    proxy: str | None = None


class Topology(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `folder` is where the file is: relative paths in it start there."""

    region: Region
    server: tuple[Server, ...]
    segment: tuple[Segment, ...]
    shard: tuple[Shard, ...]
    site: tuple[Site, ...]
    trust: Trust = Trust()
    folder: Path = Path()

    def server_named(self, name: str) -> Server:
        return next(server for server in self.server if server.name == name)

    def site_named(self, name: str) -> Site:
        """Return the site of that name. Raises UnknownSite."""
        for site in self.site:
            if site.name == name:
                return site
        names = ", ".join(site.name for site in self.site)
        raise UnknownSite(
            f"Площадки «{name}» нет в файле топологии. Есть: {names}.",
            f"There is no site {name!r} in the topology file. There are: {names}.",
        )

    def site_of_organization(self, organization_id: int) -> Site | None:
        return next((s for s in self.site if any(o.id == organization_id for o in s.organization)), None)

    def organization(self, organization_id: int) -> Organization | None:
        return next((o for s in self.site for o in s.organization if o.id == organization_id), None)

    def databases(self) -> tuple["Database", ...]:
        """Return every database of the region and its sites once, with all its places; the region's first."""
        places: dict[tuple[str, str], set[Place]] = {}
        owner: dict[tuple[str, str], str] = {}
        for segment in self.segment:
            places.setdefault((segment.server, segment.database), set()).add(Place(segment.name))
        for shard in self.shard:
            places.setdefault((shard.server, shard.database), set()).add(Place.RECORD)
        for site in self.site:
            main = (site.server, site.database)
            apart = (site.documents.server, site.documents.database) if site.documents else main
            places.setdefault(main, set()).add(Place.SITE)
            places.setdefault(apart, set()).add(Place.DOCUMENTS)
            owner[main] = owner[apart] = site.name
        return tuple(
            Database(server, name, frozenset(kinds), owner.get((server, name)))
            for (server, name), kinds in places.items()
        )

    def watched_databases(self) -> tuple["Database", ...]:
        """Return the region's databases with tables the change feed watches."""
        return tuple(one for one in self.databases() if one.site is None and one.places & WATCHED.keys())

    def database_of(self, place: Place, site: Site | None = None) -> "Database":
        """Return the database of a place (for SITE, DOCUMENTS and RECORD: of that site)."""
        if place is Place.SITE and site:
            key = (site.server, site.database)
        elif place is Place.DOCUMENTS and site:
            apart = site.documents or DatabasePlace(site.server, site.database)
            key = (apart.server, apart.database)
        elif place is Place.RECORD and site:
            shard = next(s for s in self.shard if s.name == site.shard)
            key = (shard.server, shard.database)
        else:
            segment = next(s for s in self.segment if s.name == place.value)
            key = (segment.server, segment.database)
        return next(d for d in self.databases() if (d.server, d.name) == key)


class Database(msgspec.Struct, frozen=True):
    """A database that the topology needs on a server. `site` is the name of its site, None at the region."""

    server: str
    name: str
    places: frozenset[Place]
    site: str | None

    @property
    def label(self) -> str:
        """Unique within a topology; a part of link, slot and publication names."""
        return self.server if self.name == self.server else f"{self.server}_{self.name}"
