"""Pools of one server that has no slot left: a burst must not keep the slots from those that need one."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg

from tests.fix_servers import RunningPostgres
from trustmed.region.pools import MOST_OF_SERVER, PartMissing, Pools
from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Region, Segment, Server, Topology
from trustmed.topology.secrets import write_secret

SLOTS = 14  # three of them for superusers
BURST = 200


def topology_of(running: RunningPostgres, folder: Path) -> Topology:
    """Return a region with two databases on one server."""
    made = Topology(
        region=Region("Пробный регион", "1.2.643.5.1.13.13.12.2.99", "127.0.0.1:0"),
        server=(Server("centre", running.server.port),),
        segment=(Segment("mpi", "centre", "mpi"), Segment("registry", "centre", "registry")),
        shard=(),
        site=(),
        folder=folder,
    )
    write_secret(made, "centre", "trustmed_region", "trustmed_region")
    with psycopg.connect(running.conninfo(), autocommit=True) as admin:
        admin.execute("create role trustmed_region login password 'trustmed_region'")
        for name in ("mpi", "registry"):
            admin.execute(f"create database {name}".encode())
    return made


async def test_slots_that_a_burst_took_are_given_back_to_a_part_that_lost_its_own(
    make_postgres: Callable[..., RunningPostgres], tmp_path: Path
):
    running = make_postgres("full", {"max_connections": str(SLOTS)})
    pools = Pools(topology_of(running, tmp_path), idle_seconds=0.5)
    index, registry = (pools.of_place(place) for place in (Place.MPI, Place.REGISTRY))
    await pools.open()
    await ask(pools, registry)
    await asyncio.gather(*(cancelled(pools, index, number) for number in range(BURST)))
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        with psycopg.connect(running.conninfo(), autocommit=True) as admin:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'registry'")
            while await take_slot(running, stack):  # others take what is free, as the feed and the monitors may
                pass
            while not await answers(pools, registry):
                await asyncio.sleep(0.1)
    await pools.close()


async def test_the_pools_of_one_server_together_leave_room_for_others(
    make_postgres: Callable[..., RunningPostgres], tmp_path: Path
):
    topology = topology_of(make_postgres("roomy"), tmp_path)
    segments = tuple(Segment("mpi", "centre", f"base{number}") for number in range(6))
    many = Pools(Topology(topology.region, topology.server, segments, (), (), folder=tmp_path))
    assert sum(pool.max_size for pool in many._pools.values()) <= MOST_OF_SERVER


async def ask(pools: Pools, database: Database) -> None:
    async with pools.connection(database) as connection:
        await connection.execute("select 1")


async def answers(pools: Pools, database: Database) -> bool:
    try:
        await ask(pools, database)
    except PartMissing:
        return False
    return True


async def cancelled(pools: Pools, database: Database, number: int) -> None:
    """Ask as a request does that is given up somewhere on the way."""
    try:
        async with asyncio.timeout(0.002 * (number % 40)):
            async with pools.connection(database) as connection:
                await connection.execute("select pg_sleep(0.01)")
    except (TimeoutError, PartMissing):
        return


async def take_slot(running: RunningPostgres, stack: AsyncExitStack) -> bool:
    try:
        line = await psycopg.AsyncConnection.connect(running.conninfo("postgres", "trustmed_region", "trustmed_region"))
    except psycopg.OperationalError:
        return False
    await stack.enter_async_context(line)
    return True
