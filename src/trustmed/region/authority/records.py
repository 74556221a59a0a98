"""The authority's records in the registry: read, add, note in the trail, make whole from the journal."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

import msgspec
import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from trustmed.audit.actions import Action
from trustmed.authority.keys import accepted_key, spki
from trustmed.authority.peer import names_of
from trustmed.db.queries import load
from trustmed.db.rows import find_row, find_rows, find_structs
from trustmed.region.authority.journal import Entry
from trustmed.region.authority.model import Certified, CodeRow

QUERIES = load(__package__)


class By(msgspec.Struct, frozen=True):
    """Who acts, for the trail: an id (an address, a bearer, a person's login) and a name."""

    actor: str
    name: str


def note(
    connection: psycopg.Connection,
    by: By,
    action: Action,
    detail: str,
    outcome: Literal["granted", "refused"] = "granted",
) -> None:
    """Write the audit row of an act, within the transaction of the act itself."""
    values = {"actor": by.actor, "actor_name": by.name, "action": str(action), "detail": detail, "outcome": outcome}
    connection.execute(QUERIES["note"], values)


def lock_code(connection: psycopg.Connection, verifier: bytes) -> CodeRow | None:
    """Return the code, held until the transaction ends."""
    return next(iter(find_structs(connection, CodeRow, QUERIES["lock_code"], {"verifier": verifier})), None)


def lock_key(connection: psycopg.Connection, key_sha256: bytes) -> Certified | None:
    """Return the certificate of a key if it has one; nobody else certifies it until the transaction ends."""
    connection.execute(QUERIES["lock_key"], {"key_sha256": key_sha256})
    found = find_structs(connection, Certified, QUERIES["certificate_of_key"], {"key_sha256": key_sha256})
    return next(iter(found), None)


def find_certificate(connection: psycopg.Connection, serial: str) -> Certified | None:
    return next(iter(find_structs(connection, Certified, QUERIES["certificate"], {"serial": serial})), None)


def record(connection: psycopg.Connection, entry: Entry, way: str) -> None:
    """Record what the journal says was issued; what is recorded already stays as it is."""
    certificate = x509.load_der_x509_certificate(entry.certificate)
    names = names_of(certificate)
    values = {
        **{"serial": entry.serial, "kind": names.kind, "name": names.name, "organizations": list(names.organizations)},
        **{"not_before": certificate.not_valid_before_utc, "not_after": certificate.not_valid_after_utc},
        **{"key_sha256": digest_of_key(certificate), "content": entry.certificate},
        **{"way": way, "issued_by": entry.by, "renews": entry.renews},
    }
    connection.execute(QUERIES["add_certificate"], values)
    if entry.code:
        connection.execute(QUERIES["use_code"], {"verifier": entry.code, "serial": entry.serial})


def restore_issued(connection: psycopg.Connection, entries: Sequence[Entry]) -> None:
    """Record again what the registry does not know: it was restored from a backup, or a commit was cut off.

    Whoever issues comes here first and waits for the others: the journal is written before a commit, so that another
    would take what is about to be committed for lost, and both would wait for each other's rows.
    """
    connection.execute(QUERIES["lock_issuing"])
    known = _known(connection, entries)
    for entry in entries:
        if entry.act == "issued" and not known[entry.serial]["certificate_known"]:
            record(connection, entry, "restored")
            note(connection, By(entry.by, entry.by), Action.AUTHORITY_RESTORE, entry.serial)


def restore_revoked(connection: psycopg.Connection, entries: Sequence[Entry]) -> None:
    """Record revocations again, as `restore_issued` does certificates. Only a command may."""
    known = _known(connection, entries)
    for entry in entries:
        if entry.act == "revoked" and not known[entry.serial]["revocation_known"]:
            add_revocation(connection, entry)


def add_revocation(connection: psycopg.Connection, entry: Entry) -> bool:
    """Record a revocation; return whether it is new."""
    values = {"serial": entry.serial, "at": entry.at, "reason": entry.reason, "by": entry.by}
    return find_row(connection, QUERIES["add_revocation"], values) is not None


def digest_of_key(certificate: x509.Certificate) -> bytes:
    """Return the digest by which keys are told apart."""
    return sha256(spki(accepted_key(certificate.public_key()))).digest()


def der_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _known(connection: psycopg.Connection, entries: Sequence[Entry]) -> dict[str, dict[str, bool]]:
    rows = find_rows(connection, QUERIES["known_serials"], {"serials": [entry.serial for entry in entries]})
    return {row["serial"]: row for row in rows}
