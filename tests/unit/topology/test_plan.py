"""The plan as a function of values: order, purity, and every prefix of it leads to the same end."""

from pathlib import Path

import msgspec
import pytest

from trustmed.topology.file.load import load
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import NAME_LIMIT, link_name, links
from trustmed.topology.plan import Step, plan, restrict_to_wanted
from trustmed.topology.secrets import write_secret
from trustmed.topology.state import State, Unreachable, wanted_state
from trustmed.topology.things.schema import Removals
from trustmed.topology.things.subscription import Subscription

DEMO = Path(__file__).parents[3] / "topologies" / "demo.toml"


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    made = msgspec.structs.replace(load(DEMO), folder=tmp_path)
    for server in made.server:
        write_secret(made, server.name, "trustmed_link", f"secret of {server.name}")
    return made


def steps_to(topology: Topology, current: State) -> tuple[Step, ...]:
    return plan(current, wanted_state(topology, current))


def state_after(steps: tuple[Step, ...], state: State) -> State:
    for step in steps:
        state = step.after(state)
    return state


def keys(state: State) -> set[object]:
    return set(state.things)


def final_state(topology: Topology, state: State) -> State:
    return state_after(steps_to(topology, state), state)


def test_the_demo_has_its_links(topology: Topology) -> None:
    found = {link.name: link for link in links(topology)}
    assert len(found) == 16
    up = found["hospital_documents_to_shard1_record"]
    assert [flow.table for flow in up.flows] == ["record.document_body", "record.document_signature"]
    assert (up.host, up.port) == ("127.0.0.1", 8170)
    down = found["reference_to_central_clinic"]
    assert down.port == 8181
    own = {item.table: item.organizations for item in down.published}
    assert own["mpi.patient_link"] == (201, 202)
    assert own["nsi.entry"] == ()
    assert {item.link for item in down.published} == {None, "reference_to_central_clinic"}


def test_long_names_stay_apart_and_short() -> None:
    one = Database("a" * 31, "b" * 31, frozenset(), None)
    two = Database("a" * 31, "c" * 31, frozenset(), None)
    names = {link_name(one, two), link_name(two, one)}
    assert len(names) == 2
    assert all(len(name) <= NAME_LIMIT for name in names)


def test_replanning_after_any_prefix_of_steps_ends_the_same(topology: Topology) -> None:
    nothing = State()
    steps = steps_to(topology, nothing)
    end = state_after(steps, nothing)
    assert steps_to(topology, end) == ()
    state = nothing
    for step in steps:
        state = step.after(state)
        assert keys(final_state(topology, state)) == keys(end)


def test_replanning_after_any_prefix_of_a_removal_ends_the_same(topology: Topology) -> None:
    full = final_state(topology, State())
    fewer = msgspec.structs.replace(topology, site=topology.site[:1])
    steps = steps_to(fewer, full)
    assert steps
    assert all(step.destructive for step in steps)
    order = [type(step.thing).__name__ for step in steps]
    assert order == sorted(order, key=["Subscription", "Slot", "Publication"].index)
    end, state = state_after(steps, full), full
    for step in steps:
        state = step.after(state)
        assert keys(final_state(fewer, state)) == keys(end)
    assert steps_to(fewer, end) == ()


def test_steps_come_after_those_they_depend_on(topology: Topology) -> None:
    steps = steps_to(topology, State())
    place = {step.thing.key: number for number, step in enumerate(steps) if step.thing}
    regional = max(place["Additions", d.server, d.name] for d in topology.databases() if d.site is None)
    for link in links(topology):
        subscription = place["subscription", link.target.server, link.target.name, link.name]
        assert place["publication", link.source.server, link.source.name, link.name] < subscription
        assert place["slot", link.source.server, f"{link.name}_1"] < subscription
        assert place["Additions", link.target.server, link.target.name] < subscription
        if link.target.site is None:
            assert place["slot", link.target.server, "feed"] < subscription
    for database in topology.databases():
        if database.site:
            assert regional < place["Additions", database.server, database.name]


def test_planning_is_pure_and_ends_with_no_steps(topology: Topology) -> None:
    full = final_state(topology, State())
    assert steps_to(topology, full) == ()
    assert steps_to(topology, State()) == steps_to(topology, State())


def test_a_slot_that_is_gone_is_not_made_again(topology: Topology) -> None:
    full = final_state(topology, State())
    gone = tuple(t for t in full.things if t.key[0] != "slot" or t.key[2] == "feed")
    assert steps_to(topology, msgspec.structs.replace(full, things=gone)) == ()


def test_a_slot_of_a_later_history_is_kept(topology: Topology) -> None:
    full = final_state(topology, State())
    name = "hospital_clinic_to_reference"
    renamed = tuple(
        msgspec.structs.replace(t, slot=f"{name}_7")
        if isinstance(t, Subscription) and t.name == name
        else msgspec.structs.replace(t, name=f"{name}_7")
        if t.key[0] == "slot" and t.key[2] == f"{name}_1"
        else t
        for t in full.things
    )
    assert steps_to(topology, msgspec.structs.replace(full, things=renamed)) == ()


def test_a_changed_secret_changes_subscriptions(topology: Topology) -> None:
    full = final_state(topology, State())
    write_secret(topology, "hospital", "trustmed_link", "another")
    steps = steps_to(topology, full)
    assert {step.action for step in steps} == {"change"}
    assert len(steps) == 4
    assert "пароль" in steps[0].title("ru")
    assert "another" not in "".join(step.title("ru") for step in steps)


def test_a_server_that_is_down_is_waited_for_once(topology: Topology) -> None:
    full = final_state(topology, State())
    there = tuple(thing for thing in full.things if "central" not in thing.servers)
    down = Unreachable("central", "Сервер central недоступен.", "Server central cannot be reached.")
    state = msgspec.structs.replace(full, things=there, unreachable=(down,))
    steps = steps_to(topology, state)
    assert [step.action for step in steps if not step.destructive] == ["wait"]
    assert "central" in steps[0].title("en")


def test_schema_that_earlier_programs_need_is_kept_until_all_sites_follow(topology: Topology) -> None:
    full = final_state(topology, State())
    former = tuple(
        Removals(server=d.server, database=d.name, places=tuple(sorted(d.places)), pending=("mpi.patient/0009_post_x",))
        for d in topology.databases()
    )
    state = msgspec.structs.replace(full, things=(*full.things, *former))
    steps = steps_to(topology, state)
    assert {step.before for step in steps} == set(former)
    at_site = [step.thing.server not in ("reference", "hub", "shard1", "shard2") for step in steps if step.thing]
    assert at_site == sorted(at_site, reverse=True)  # the sites first
    for wanted in (wanted_state(topology, state, removals=False), wanted_state(topology, state, "central")):
        assert plan(restrict_to_wanted(state, wanted), wanted) == ()


def test_a_plan_may_be_limited_to_one_site(topology: Topology) -> None:
    wanted = wanted_state(topology, State(), "central")
    servers = {server for thing in wanted.things for server in thing.servers}
    assert servers == {"reference", "hub", "shard1", "shard2", "central"}
    full = final_state(topology, State())
    assert plan(restrict_to_wanted(full, wanted), wanted) == ()
