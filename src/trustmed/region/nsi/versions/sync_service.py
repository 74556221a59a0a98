"""What commands, imports and the seed do with dictionaries: `work` over a synchronous connection of their own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
import psycopg
from psycopg.rows import kwargs_row, namedtuple_row
from psycopg.types.json import set_json_loads

from trustmed.region.nsi.versions import work
from trustmed.region.nsi.versions.work import QUERIES, Work
from trustmed.region.pools import ROLE
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

P = ParamSpec("P")
T = TypeVar("T")


def connect_to_dictionaries(topology: Topology) -> AbstractContextManager[psycopg.Connection]:
    """Connect to the region's database of dictionaries, in autocommit. Raises ServerUnreachable."""
    return connect(topology, topology.database_of(Place.NSI), ROLE, "nsi")


def carry_out(connection: psycopg.Connection, task: Work[T]) -> T:
    """Run the queries of `task` over the connection, within its transaction if it is in one."""
    with connection.cursor() as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # faster than the default: thousands of rows may differ
        try:
            query = next(task)
            while True:
                cursor.row_factory = kwargs_row(query.row) if query.row else namedtuple_row
                query = task.send(cursor.execute(QUERIES[query.name], query.values).fetchall())
        except StopIteration as end:
            return end.value


def _over_connection(task_of: Callable[P, Work[T]]) -> Callable[Concatenate[psycopg.Connection, P], T]:
    def over_connection(connection: psycopg.Connection, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return carry_out(connection, task_of(*args, **kwargs))

    return over_connection


find_own_oid = _over_connection(work.find_own_oid)
find_dictionaries = _over_connection(work.find_dictionaries)
find_versions = _over_connection(work.find_versions)
find_all_versions = _over_connection(work.find_all_versions)
find_newest_passport = _over_connection(work.find_newest_passport)
find_difference = _over_connection(work.find_difference)
find_difference_of_columns = _over_connection(work.find_difference_of_columns)
find_spread = _over_connection(work.find_spread)
publish = _over_connection(work.publish)
roll_back = _over_connection(work.roll_back)
