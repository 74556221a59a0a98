from itertools import combinations
from pathlib import Path

import pytest

from trustmed.region.links.map import BOX, Map, region_map
from trustmed.topology.file.load import load
from trustmed.topology.file.spec import Topology
from trustmed.topology.links import links
from trustmed.topology.watch.status import LinkState


@pytest.fixture(scope="module")
def demo() -> Topology:
    return load(Path(__file__).parents[3] / "topologies" / "demo.toml")


def states(topology: Topology, **special: str) -> tuple[LinkState, ...]:
    return tuple(
        LinkState(link.name, link.source.label, link.target.label, link.site, special.get(link.name, "streaming"))  # ty: ignore[invalid-argument-type]
        for link in links(topology)
    )


@pytest.fixture(scope="module")
def picture(demo: Topology) -> Map:
    return region_map(demo, states(demo))


def test_every_server_database_and_link_is_on_the_map_once(demo: Topology, picture: Map):
    assert {server.name for server in picture.servers} == {server.name for server in demo.server}
    boxes = [box.label for server in picture.servers for box in server.databases]
    assert sorted(boxes) == sorted(database.label for database in demo.databases())
    assert [curve.state.link for curve in picture.curves] == [link.name for link in links(demo)]


def test_servers_do_not_overlap_and_stay_inside(picture: Map):
    for one, other in combinations(picture.servers, 2):
        apart = one.x + BOX <= other.x or other.x + BOX <= one.x
        above = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert apart or above, (one.name, other.name)
    assert all(server.y >= 0 and server.y + server.height <= picture.height for server in picture.servers)


def test_no_two_links_are_drawn_over_each_other(picture: Map):
    assert len({curve.path for curve in picture.curves}) == len(picture.curves)


def test_a_broken_link_and_a_server_that_is_down_are_marked(demo: Topology):
    broken = links(demo)[4].name
    picture = region_map(demo, states(demo, **{broken: "broken"}), frozenset({"shard1_record"}))
    assert [curve.state.link for curve in picture.curves if curve.tone == "bad"] == [broken]
    assert [server.name for server in picture.servers if not server.up] == ["shard1"]
