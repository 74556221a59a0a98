"""A site's programs seal its trails behind their work, hand the heads over, and commands tell how the trails stand."""

import msgspec
import pytest
from typer.testing import CliRunner

from tests.fix_site import Client, SiteStand
from trustmed.audit.commands import app
from trustmed.audit.sealing import Sealer
from trustmed.audit.trails import Report, check_trails
from trustmed.clinic.work import Databases


def reports_of(site: SiteStand) -> list[Report]:
    return list(check_trails(site.topology, site.site.name))


async def test_a_site_seals_its_trails_and_hands_over_their_heads(site: SiteStand, doctor: Client) -> None:
    await doctor.get(f"/api/v1/patients/{site.patient}")
    databases = Databases(site.topology, site.site)
    await databases.open()
    try:
        opened = {database.label: pool.connection for database, pool in databases.each()}
        sealer = Sealer(opened, databases.site.connection, "hand_over", {"organization_id": 101})

        for _ in range(1000):  # a transaction of another database may delay a seal
            await sealer.work()
            if all(one.verdict and not one.verdict.unsealed for one in reports_of(site)):
                break
    finally:
        await databases.close()
    reports = reports_of(site)
    assert all(one.verdict and one.verdict.is_sound and one.verdict.rows for one in reports[:1])
    assert all(one.silent and not one.witnesses for one in reports)
    with site.admin() as connection:
        told = {origin for (origin,) in connection.execute("select origin from audit.site_anchor")}
    assert told == {one.database for one in reports if one.verdict and one.verdict.seals}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_command_tells_people_and_machines_and_its_exit_code_the_state(
    site: SiteStand, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda _: site.topology)
    with site.admin() as connection:
        connection.execute("select audit.seal()")
        said = CliRunner().invoke(app, ["verify", "--site", site.site.name, "--language", language])
        assert said.exit_code == 0, said.output
        assert ("sound" if language == "en" else "цел") in said.output
        row = connection.execute("select id, actor_name from audit.access order by at limit 1").fetchone()
        assert row
        connection.execute("update audit.access set actor_name = 'Другой' where id = %s", (row[0],))
        told = CliRunner().invoke(app, ["verify", "--site", site.site.name, "--json"])
        connection.execute("update audit.access set actor_name = %s where id = %s", (row[1], row[0]))
    assert told.exit_code == 1
    trails = msgspec.json.decode(told.output)["trails"]
    assert [one["id"] for trail in trails for one in trail["verdict"]["findings"]] == [str(row[0])]
    assert CliRunner().invoke(app, ["verify", "--json"]).exit_code == 3  # the region's servers do not answer here
    assert CliRunner().invoke(app, ["retention", "--site", site.site.name]).output == ""
