"""Which links a site watches, and which of them its documents wait for: the topology alone decides."""

import re

import msgspec
import pytest

from trustmed.clinic.link.outgoing import outgoing
from trustmed.clinic.link.slots import Slot, broken, confirmed_by_all
from trustmed.schema import Place
from trustmed.topology.file.spec import DatabasePlace, Organization, Region, Segment, Server, Shard, Site, Topology
from trustmed.topology.links import NAME_LIMIT, links

HOSPITAL = Organization(101, "1.2.643.5.1.13.13.12.2.99.101", "Больница", "1029900000016", "ул. Больничная, д. 1", "1")
SITE = Site("hospital", "Больница", "hospital", "clinic", "record1", "127.0.0.1:1", (HOSPITAL,))
APART = msgspec.structs.replace(SITE, documents=DatabasePlace("archive", "documents"))
LONG = "a_server_whose_name_is_as_long_as_a_name_may_get"


def topology(site: Site = SITE, **servers: str) -> Topology:
    """Return a region in one database of the hub, except for segments (and `record`) given servers of their own."""

    def place(name: str) -> tuple[str, str]:
        return (servers[name], name) if name in servers else ("hub", "region")

    named = {"hub", site.server, *servers.values(), *((site.documents.server,) if site.documents else ())}
    return Topology(
        region=Region("Регион", "1.2.643.5.1.13.13.12.2.99", "127.0.0.1:0"),
        server=tuple(Server(name, 5432) for name in sorted(named)),
        segment=tuple(Segment(name, *place(name)) for name in ("nsi", "mpi", "booking", "registry")),
        shard=(Shard("record1", *place("record")),),
        site=(site,),
    )


def watched_links(of: Topology, place: Place) -> tuple[set[str], set[str]]:
    found = outgoing(of, of.database_of(place, of.site[0]))
    return set(found.links), set(found.of_documents)


def test_one_link_where_the_region_is_one_database() -> None:
    one = {"hospital_clinic_to_hub_region"}
    assert watched_links(topology(), Place.SITE) == (one, one)


def test_booking_on_a_server_of_its_own_is_watched_and_no_document_waits_for_it() -> None:
    links_of_site, of_documents = watched_links(topology(booking="desk"), Place.SITE)
    assert links_of_site == {"hospital_clinic_to_hub_region", "hospital_clinic_to_desk_booking"}
    assert of_documents == {"hospital_clinic_to_hub_region"}


def test_documents_wait_for_the_registry_and_the_shard_alone() -> None:
    everywhere = topology(booking="b", mpi="m", record="r", registry="g")
    links_of_site, of_documents = watched_links(everywhere, Place.SITE)
    assert of_documents == {"hospital_clinic_to_g_registry", "hospital_clinic_to_r_record"}
    assert links_of_site - of_documents == {"hospital_clinic_to_b_booking", "hospital_clinic_to_m_mpi"}


def test_documents_in_a_database_of_their_own_have_links_of_their_own() -> None:
    everywhere = topology(APART, booking="b", mpi="m", record="r", registry="g")
    of_clinic, waits_of_clinic = watched_links(everywhere, Place.SITE)
    of_archive, waits_of_archive = watched_links(everywhere, Place.DOCUMENTS)
    assert of_clinic == {f"hospital_clinic_to_{target}" for target in ("b_booking", "m_mpi", "r_record")}
    assert of_archive == waits_of_archive == {"archive_documents_to_g_registry", "archive_documents_to_r_record"}
    assert not waits_of_clinic


@pytest.mark.parametrize("site", [SITE, APART], ids=["together", "apart"])
def test_every_link_out_of_the_site_is_watched_once(site: Site) -> None:
    of = topology(site, booking="b", mpi="m", record="r", registry="g")
    databases = {of.database_of(place, site) for place in (Place.SITE, Place.DOCUMENTS)}
    seen = [link for database in databases for link in outgoing(of, database).links]
    assert sorted(seen) == sorted(link.name for link in links(of) if link.source.site == site.name)


def test_a_link_with_a_shortened_name_is_watched() -> None:
    of = topology(msgspec.structs.replace(SITE, server=LONG), booking="desk")
    found = outgoing(of, of.database_of(Place.SITE, of.site[0]))
    assert any(len(f"{LONG}_clinic_to_{link.target.label}") > NAME_LIMIT for link in links(of))
    for link in found.links:
        assert re.search(found.slot_pattern, f"{link}_12")
    for other in (
        f"{LONG}_clinic_to_hub_region_1",
        f"{found.links[0]}_a",
        f"{found.links[0]}",
        "feed",
        "another_to_b_1",
    ):
        assert not re.search(found.slot_pattern, other)


def test_broken_links_are_named_and_the_lowest_confirmed_position_counts() -> None:
    slots = [Slot("a_to_b_3", True, 70), Slot("a_to_c_1", False, 50)]
    assert broken(("a_to_b", "a_to_c", "a_to_d"), slots) == ("a_to_c_1", "a_to_d")
    assert broken(("a_to_b",), slots) == ()
    assert confirmed_by_all(("a_to_b",), slots) == 70
    assert confirmed_by_all(("a_to_b", "a_to_c"), slots) == 50
    assert confirmed_by_all(("a_to_b", "a_to_d"), slots) == 0
