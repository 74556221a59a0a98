"""The phone of the demo's staff: the region asks for codes there as anywhere, and a command tells them."""

import hmac
import time
from collections.abc import Iterator
from hashlib import sha256

from trustmed.db.queries import load
from trustmed.region.accounts.model import FACTOR_ROLES
from trustmed.schema import Place
from trustmed.staff import factor
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import ensure_secret

QUERIES = load(__package__)


def give_factors(topology: Topology) -> None:
    """Give the region's accounts that need a second factor, and have none, that of the demo's phone."""
    key = ensure_secret(topology, "region", "factor")
    with connect(topology, topology.database_of(Place.REGISTRY), "administrator", "seed") as connection:
        rows = connection.execute(QUERIES["accounts_without_factor"], {"roles": sorted(FACTOR_ROLES)}).fetchall()
        for account_id, login in rows:
            sealed = factor.seal(key, account_id, _secret(topology, login))
            connection.execute(QUERIES["give_factor"], {"factor": sealed, "account_id": account_id})


def code_now(topology: Topology, login: str) -> str:
    """Return the code that the login's phone shows now."""
    return factor.code_at(_secret(topology, login), factor.step_now())


def codes(topology: Topology, login: str) -> Iterator[str]:
    """Yield codes that may be taken, each after the one before: of this half minute, of the next, and so on."""
    used = factor.step_now() - 1
    while True:
        while used > factor.step_now():
            time.sleep(0.2)
        used += 1
        yield factor.code_at(_secret(topology, login), used)


def _secret(topology: Topology, login: str) -> bytes:
    """Return a secret that is the deployment's own, though nobody typed it anywhere."""
    return hmac.new(ensure_secret(topology, "demo", "phone").encode(), login.encode(), sha256).digest()[
        : factor.SECRET_BYTES
    ]
