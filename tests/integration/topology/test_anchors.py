"""What each side is told of the other's audit trail stays there, whatever becomes of the trail."""

import psycopg
from tests.integration.topology.conftest import Region
from tests.waiting import eventually

from trustmed.audit.trails import check_database
from trustmed.db.rows import find_value
from trustmed.schema import Place

ROW = (
    "insert into audit.access (actor, actor_name, channel, action, ground)"
    " values ('x', 'Проверка', 'region', 'a:b:c', 'service')"
)
HAND = {
    "site": "select audit.hand_over(101, %s, h.number, h.token, h.hash, h.last_at) from audit.head() h",
    "region": "select audit.hand_over_at_region(%s, h.number, h.token, h.hash, h.last_at) from audit.head() h",
}
FORGET = {"site": "delete from audit.site_anchor", "region": "delete from audit.region_anchor"}
KEPT = "select count(*) from audit.kept_anchor where origin = %s"


def seal_all(source: psycopg.Connection) -> None:
    """Seal until no row is left; a transaction of another test may delay that."""

    def is_sealed() -> bool:
        source.execute("select audit.seal()")
        return find_value(source, "select rows from audit.unsealed()") == 0

    eventually(is_sealed)


def test_a_chain_made_anew_does_not_fit_what_the_other_side_was_told(working: Region) -> None:
    clinic, hub, index = working.clinic(), working.hub(), working.reference()
    site = working.topology.site_of_organization(101)
    cases = (
        ("site", working.topology.database_of(Place.SITE, site), clinic, hub),
        ("region", working.topology.database_of(Place.MPI), index, clinic),
    )
    for kind, database, source, witness in cases:
        source.execute(ROW)
        seal_all(source)
        source.execute(HAND[kind].encode(), (database.label,))
        eventually(lambda label=database.label, at=witness: find_value(at, KEPT, (label,)) == 1)
        report = check_database(working.topology, database)
        assert report.verdict
        assert report.verdict.is_sound
        assert report.verdict.anchored_through == report.verdict.seals

        source.execute(FORGET[kind].encode())
        source.execute("delete from audit.seal")
        source.execute("update audit.access set actor = 'somebody else'")
        seal_all(source)
        report = check_database(working.topology, database)
        assert report.verdict
        assert {finding.kind for finding in report.verdict.findings} <= {"rewritten", "cut"}
        assert not report.verdict.is_sound
