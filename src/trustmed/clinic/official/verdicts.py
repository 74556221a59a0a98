"""Verdicts of the official rules, stored by the SHA-256 of the bytes they are about."""

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from trustmed.db.async_rows import find_struct
from trustmed.db.queries import load

sql = load(__package__)


class Verdict(msgspec.Struct, frozen=True):
    """The verdict of the official rules on the bytes with this SHA-256."""

    sha256: bytes
    kind: str
    pack_digest: str
    passed: bool
    rules_checked: int
    findings: tuple[str, ...]


async def find_verdict(connection: AsyncConnection, organization_id: int, sha256: bytes) -> Verdict | None:
    """Return the stored verdict on these bytes, within a tenant's transaction."""
    return await find_struct(
        connection, Verdict, sql["find_verdict"], {"organization_id": organization_id, "sha256": sha256}
    )


async def store_verdict(connection: AsyncConnection, organization_id: int, verdict: Verdict) -> None:
    """Store a verdict, within a tenant's transaction."""
    values = {
        "organization_id": organization_id,
        "sha256": verdict.sha256,
        "kind": verdict.kind,
        "pack_digest": verdict.pack_digest,
        "passed": verdict.passed,
        "rules_checked": verdict.rules_checked,
        "findings": Jsonb(list(verdict.findings)),
    }
    await connection.execute(sql["store_verdict"], values)
