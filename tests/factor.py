"""The phone of the staff in tests: a second factor whose secret is known."""

import time
from collections.abc import Iterator

import psycopg

from trustmed.region.accounts.model import FACTOR_ROLES
from trustmed.staff import factor
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import ensure_secret

SECRET = b"a phone of the tests"


def give_factors(connection: psycopg.Connection, topology: Topology) -> None:
    """Give every account that needs one the second factor of the tests' phone."""
    key = ensure_secret(topology, "region", "factor")
    rows = connection.execute("select id from access.account where role = any (%s)", (sorted(FACTOR_ROLES),)).fetchall()
    for (account_id,) in rows:
        sealed = factor.seal(key, account_id, SECRET)
        connection.execute("update access.account set factor = %s where id = %s", (sealed, account_id))


def code_now() -> str:
    return factor.code_at(SECRET, factor.step_now())


def codes() -> Iterator[str]:
    """Yield codes that may be taken, each after the one before: of this half minute, of the next, and so on."""
    used = factor.step_now() - 1
    while True:
        while used > factor.step_now():
            time.sleep(0.2)
        used += 1
        yield factor.code_at(SECRET, used)
