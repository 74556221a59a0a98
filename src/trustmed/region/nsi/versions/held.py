"""What commands, imports and the seed do with dictionaries: `work` over a synchronous connection of their own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
import psycopg
from psycopg.rows import kwargs_row, tuple_row
from psycopg.types.json import set_json_loads

from trustmed.region.nsi.versions import work
from trustmed.region.nsi.versions.work import QUERIES, Work
from trustmed.region.pools import ROLE
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

P = ParamSpec("P")
T = TypeVar("T")


def opened(topology: Topology) -> AbstractContextManager[psycopg.Connection]:
    """Connect to the dictionaries' database, in autocommit. Raises ServerUnreachable."""
    return connect(topology, topology.database_of(Place.NSI), ROLE, "nsi")


def carry_out(connection: psycopg.Connection, asked: Work[T]) -> T:
    """Run the queries of `asked` over the connection, within its transaction if it is in one."""
    with connection.cursor() as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # faster than the default: thousands of rows may differ
        try:
            query = next(asked)
            while True:
                cursor.row_factory = kwargs_row(query.row) if query.row else tuple_row
                query = asked.send(cursor.execute(QUERIES[query.name], query.values).fetchall())
        except StopIteration as end:
            return end.value


def _over_connection(work: Callable[P, Work[T]]) -> Callable[Concatenate[psycopg.Connection, P], T]:
    def over_connection(connection: psycopg.Connection, /, *given: P.args, **named: P.kwargs) -> T:
        return carry_out(connection, work(*given, **named))

    return over_connection


own_oid = _over_connection(work.own_oid)
held_dictionaries = _over_connection(work.dictionaries)
held_versions = _over_connection(work.versions)
held_names = _over_connection(work.all_held)
held_passport = _over_connection(work.newest_passport)
difference_between = _over_connection(work.difference)
difference_of_columns = _over_connection(work.difference_of_columns)
publish = _over_connection(work.publish)
rollback = _over_connection(work.rollback)
spread = _over_connection(work.spread)
