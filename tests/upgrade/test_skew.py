"""Sites and the region upgrade on different days: programs of the last release and of this tree serve one region.

The region is laid by released programs. An addition to the schema that no program needs yet comes to it site by site,
while programs of both editions serve by turns; what the release after would remove stays until the end.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import citizens
from tests.nsi_samples import new_oid, write_zip
from tests.upgrade.editions import Edition, enlarged, released
from tests.upgrade.stand import REGION, Stand, standing
from tests.upgrade.walk import Walker, eventually
from trustmed.demo.content.certificates import enrol_sites
from trustmed.demo.content.phone import give_factors
from trustmed.demo.laptop import erase
from trustmed.schema import Place

pytestmark = [pytest.mark.region, pytest.mark.timeout(1500)]
HERE = Path(__file__).parent
PARKED = "select consumer, relation, error from feed.parked"
NOT_YET = "новее этой программы"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with standing(tmp_path / "region") as made:
        yield made
    erase(tmp_path / "region")


def test_programs_of_two_editions_serve_one_region(stand: Stand, tmp_path: Path) -> None:
    older, newer = released(tmp_path / "released"), enlarged(tmp_path / "enlarged")
    stand.run(older, "topology", "apply")
    stand.run_python(older, str(HERE / "released" / "lay"), str(stand.laptop.file))
    with closing(Upgrade(stand, older, newer, tmp_path)) as upgrade:
        upgrade.newer_programs_come_before_the_addition()
        upgrade.older_programs_serve_what_was_added()
        upgrade.the_region_is_newer_than_its_sites()
        upgrade.the_last_site_follows_and_the_former_goes()


class Upgrade:
    """One region on its way, stage by stage."""

    def __init__(self, stand: Stand, older: Edition, newer: Edition, folder: Path) -> None:
        self.stand, self.older, self.newer, self.folder = stand, older, newer, folder
        self.oid, self.version = new_oid(), 0
        self.walkers: list[Walker] = []
        self.links: list[tuple[str, str, str | None]] = []

    def close(self) -> None:
        for walker in self.walkers:
            walker.close()

    def newer_programs_come_before_the_addition(self) -> None:
        """What present programs need was added before them, as is the rule; one addition more they only know of."""
        stand = self.stand
        present = Edition("present", Path(sys.executable))
        stand.run(present, "topology", "apply", "--only", "hospital")
        enrol_sites(stand.topology)
        bind = "update access.client set audience = %(audience)s, key_thumbprint = %(key)s where name = 'portal'"
        stand.sql(Place.REGISTRY, bind, audience=citizens.AUDIENCE, key=citizens.PORTAL.thumbprint)
        give_factors(stand.topology)
        stand.serve(self.newer, *REGION, "hospital-web")
        stand.serve(self.older, "central-web")
        self.walkers = [Walker(stand, site) for site in ("hospital", "central")]
        self.walkers[1].is_behind = True
        self.all_holds(self.newer)

    def older_programs_serve_what_was_added(self) -> None:
        stand = self.stand
        stand.run(self.newer, "topology", "apply", "--only", "hospital")
        stand.serve(self.older, *REGION, "hospital-web")
        self.walkers[1].is_behind = False
        self.all_holds(self.older)
        self.additions_travel("hospital")
        assert NOT_YET in stand.run(self.older, "topology", "plan", exit_code=2)
        stand.run(self.older, "topology", "apply", exit_code=3)

    def the_region_is_newer_than_its_sites(self) -> None:
        stand = self.stand
        stand.serve(self.newer, *REGION)
        stand.sql(Place.NSI, "update nsi.dictionary set skew = 'told early' where oid = %(oid)s", oid=self.oid)
        for walker in self.walkers:
            walker.is_behind = True
        self.all_holds(self.newer)

    def the_last_site_follows_and_the_former_goes(self) -> None:
        stand = self.stand
        stand.run(self.newer, "topology", "apply", "--only", "central")
        self.additions_travel("central")
        told = stand.sql(Place.SITE, "select skew from nsi.dictionary where oid = %(oid)s", "central", oid=self.oid)
        assert told == [("told early",)]
        stand.serve(self.newer, "hospital-web", "central-web")
        for walker in self.walkers:
            walker.is_behind = False
        assert self.former_is_there() == [True, True, True]
        stand.run(self.newer, "topology", "apply")
        assert self.former_is_there() == [False, False, False]
        self.all_holds(self.newer)

    def former_is_there(self) -> list[bool]:
        """At the region and at each site."""
        ask = "select to_regclass('mpi.skew_former') is not null"
        places = ((Place.MPI, None), (Place.SITE, "hospital"), (Place.SITE, "central"))
        return [self.stand.sql(place, ask, site)[0][0] for place, site in places]

    def all_holds(self, region: Edition) -> None:
        """The main scenario at every site, a dictionary to every site, and a monitor that is content.

        `region`: whose programs serve there now.
        """
        for walker in self.walkers:
            walker.walk()
        self.publish(region)
        since = dt.datetime.now(dt.UTC)

        def streaming() -> bool:
            seen = self.walkers[0].engineer.links()
            self.links = [(one["link"], one["state"], one["error_en"]) for one in seen]
            fresh = all(dt.datetime.fromisoformat(one["checked_at"]) > since for one in seen)
            return fresh and {one["state"] for one in seen} == {"streaming"}

        eventually("links that stream", streaming, lambda: self.links)
        assert not self.parked()
        self.stand.require_calm()

    def parked(self) -> list[Any]:
        """Changes whose effect failed."""
        return self.stand.sql(Place.MPI, PARKED) + self.stand.sql(Place.REGISTRY, PARKED)

    def publish(self, edition: Edition) -> None:
        """A version of a dictionary comes into force at every site."""
        self.version += 1
        version = f"1.{self.version}"
        file = write_zip(self.folder, self.oid, version)
        self.stand.run(edition, "nsi", "import", str(file), "--publish", "--author", "test")
        for walker in self.walkers:
            eventually("a dictionary", lambda w=walker: w.versions().get(self.oid) == version)

    def additions_travel(self, site: str) -> None:
        """Rows of added tables and values of added columns, both ways."""
        sql, (organization,) = self.stand.sql, self.stand.topology.site_named(site).organization
        ours: dict[str, Any] = {"organization_id": organization.id, "oid": self.oid}
        sql(
            Place.SITE,
            "insert into mpi.skew_note (organization_id, note) values (%(organization_id)s, '')",
            site,
            **ours,
        )
        sql(Place.SITE, "update mpi.patient set skew = 'up' where organization_id = %(organization_id)s", site, **ours)
        sql(Place.NSI, "insert into nsi.skew_hint (hint) values ('down')")
        sql(Place.NSI, "update nsi.entry set skew = 'down' where oid = %(oid)s", **ours)
        for place, ask, where in (
            (Place.MPI, "select count(*) > 0 from mpi.skew_note where organization_id = %(organization_id)s", None),
            (
                Place.MPI,
                "select bool_and(skew = 'up') from mpi.patient where organization_id = %(organization_id)s",
                None,
            ),
            (Place.SITE, "select count(*) > 0 from nsi.skew_hint", site),
            (Place.SITE, "select bool_and(skew = 'down') from nsi.entry where oid = %(oid)s", site),
        ):
            eventually(ask, lambda asked=(place, ask, where): sql(*asked, **ours) == [(True,)])
