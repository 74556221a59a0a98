"""Issue, renew and revoke certificates. Blocking: commands call it, and the web server in a thread.

Order of every act: the registry's row is locked, the key signs, the journal has it on disk, the registry commits with
the row of the trail, the answer goes out. A kill at any point leaves either nothing or what a repeat finds again.
"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from trustmed.audit.actions import Action
from trustmed.authority.code import Code, is_signed_by_holder, make_code
from trustmed.authority.enrolment import RENEWAL, EnrolWish, Issued, RenewWish
from trustmed.authority.errors import RequestDamaged
from trustmed.authority.identity import identity_files, install, prepare_request
from trustmed.authority.keys import LARGEST_REQUEST, PublicKey, public_key_of_request, spki
from trustmed.authority.peer import check_signature, verify_peer
from trustmed.authority.trust import load_peer_trust, trust_folder
from trustmed.db.rows import find_row, find_structs
from trustmed.errors import TrustMedError
from trustmed.region.authority import journal
from trustmed.region.authority.bearers import check_bearer, names_now
from trustmed.region.authority.errors import CertificateMissing, CodeExpired, CodeRefused, CodeUsed, KeyKnown
from trustmed.region.authority.folder import LIST, ROOT, Revoked, open_authority, publish_list
from trustmed.region.authority.issuing import Authority, Wish, issue, wish_of
from trustmed.region.authority.journal import Entry
from trustmed.region.authority.model import Certified, Listed
from trustmed.region.authority.records import (
    QUERIES,
    By,
    add_revocation,
    der_of,
    find_certificate,
    lock_code,
    lock_key,
    note,
    record,
    restore_issued,
    restore_revoked,
)
from trustmed.region.pools import ROLE
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

COMMANDS = "trustmed_keeper"
"""The role that commands work as: the one that serves requests may not make codes or revoke."""


class Desk(msgspec.Struct, frozen=True):
    """The authority at work: its key, the folder with its journal, the region it is of."""

    topology: Topology
    folder: Path
    authority: Authority


def open_desk(topology: Topology, folder: Path | None = None, passphrase: str | None = None) -> Desk:
    """Raises AuthorityMissing, AuthorityLocked."""
    folder = folder or trust_folder(topology)
    return Desk(topology, folder, open_authority(topology, folder, passphrase))


def enrol(desk: Desk, wish: EnrolWish, address: str) -> Issued:
    """Certify the key of whoever holds a code; again the same certificate for the same key, while the code lives.

    Raises RequestDamaged, CodeRefused, CodeExpired, CodeUsed, KeyKnown, RootExpired, ServerUnreachable.
    """
    key = public_key_of_request(wish.request)
    with _connect(desk, ROLE) as connection:
        try:
            with connection.transaction():
                restore_issued(connection, journal.entries(desk.folder))
                certified = _enrol(desk, connection, wish, key)
        except TrustMedError as error:
            note(connection, By(address, "-"), Action.AUTHORITY_ENROL, error.code, "refused")
            raise
    return _issued(desk, certified)


def _enrol(desk: Desk, connection: psycopg.Connection, wish: EnrolWish, key: PublicKey) -> bytes:
    code = lock_code(connection, wish.code)
    if code is None or not is_signed_by_holder(code.verifier, wish.request, wish.signature):
        raise CodeRefused
    if code.expires_at <= datetime.now(UTC):
        raise CodeExpired
    known = lock_key(connection, _digest(key))
    if code.serial is not None:
        if known is None or known.serial != code.serial:
            raise CodeUsed
        return known.content
    if known is not None:
        raise KeyKnown(f"{known.kind}:{known.name}")
    asked = Wish(code.names, tuple(code.uses), code.days, tuple(code.hosts))
    entry = _sign(desk, asked, key, by=code.made_by, code=wish.code)
    record(connection, entry, "code")
    note(connection, By(code.names.label, code.names.label), Action.AUTHORITY_ENROL, entry.serial)
    return entry.certificate


def renew(desk: Desk, wish: RenewWish, address: str) -> Issued:
    """Certify a new key of the bearer of a certificate in force, which stays in force to its end.

    Raises a kind of PeerRefused, RequestDamaged, KeyKnown, BearerUnknown, RootExpired, ServerUnreachable.
    """
    if len(wish.request) > LARGEST_REQUEST:
        raise RequestDamaged("он слишком велик", "it is too large")
    with _connect(desk, ROLE) as connection:
        try:
            peer = verify_peer(wish.chain, load_peer_trust(trust_folder(desk.topology)), datetime.now(UTC))
            check_signature(peer, RENEWAL + wish.request, wish.signature)
            key = public_key_of_request(wish.request)
            present = x509.load_der_x509_certificate(wish.chain[0])
            with connection.transaction():
                restore_issued(connection, journal.entries(desk.folder))
                known = lock_key(connection, _digest(key))
                if known is not None:
                    if known.renews != peer.serial:
                        raise KeyKnown(f"{known.kind}:{known.name}")
                    return _issued(desk, known.content)
                entry = _sign(
                    desk, wish_of(present, names_now(desk.topology, peer.names)), key, by=peer.label, renews=peer.serial
                )
                record(connection, entry, "renewal")
                note(connection, By(peer.label, peer.label), Action.AUTHORITY_RENEW, entry.serial)
        except TrustMedError as error:
            note(connection, By(address, "-"), Action.AUTHORITY_RENEW, error.code, "refused")
            raise
    return _issued(desk, entry.certificate)


def certify(desk: Desk, wish: Wish, request: bytes, by: By) -> Issued:
    """Certify the key of a request that an engineer vouches for; a repeat gives the same certificate.

    Raises BearerUnknown, RequestDamaged, KeyKnown, RootExpired, ServerUnreachable.
    """
    check_bearer(desk.topology, wish)
    key = public_key_of_request(request)
    with _connect(desk, COMMANDS) as connection, connection.transaction():
        _restore(desk, connection)
        known = lock_key(connection, _digest(key))
        if known is not None:
            if (known.kind, known.name) != (wish.names.kind, wish.names.name):
                raise KeyKnown(f"{known.kind}:{known.name}")
            return _issued(desk, known.content)
        entry = _sign(desk, wish, key, by=by.actor)
        record(connection, entry, "request")
        note(connection, by, Action.AUTHORITY_ISSUE, f"{wish.names.label} {entry.serial}")
    return _issued(desk, entry.certificate)


def issue_here(desk: Desk, wish: Wish, by: By) -> Path:
    """Make a key on this machine, certify it and put it in force; return its file. Raises what `certify` does."""
    check_bearer(desk.topology, wish)
    files = identity_files(desk.topology, wish.names.kind, wish.names.name)
    issued = certify(desk, wish, prepare_request(files, wish.names), by)
    install(files, issued.certificate.encode())
    return files.pem


def add_code(topology: Topology, root: x509.Certificate, wish: Wish, hours: int, by: By) -> tuple[Code, datetime]:
    """Make a code by which this wish is granted once; return it and its end. It is stored nowhere.

    Raises BearerUnknown, ServerUnreachable.
    """
    check_bearer(topology, wish)
    code = make_code(root)
    values = {
        **{"verifier": code.verifier, "kind": wish.names.kind, "name": wish.names.name, "made_by": by.actor},
        **{"organizations": list(wish.names.organizations), "uses": list(wish.uses), "days": wish.days},
        **{"hosts": list(wish.hosts), "hours": hours},
    }
    database = topology.database_of(Place.REGISTRY)
    with connect(topology, database, COMMANDS, "authority") as connection, connection.transaction():
        row = find_row(connection, QUERIES["add_code"], values) or {}
        note(connection, by, Action.AUTHORITY_CODE, wish.names.label)
    return code, row["expires_at"]


def revoke(desk: Desk, serial: str, reason: str, by: By) -> Certified:
    """Revoke a certificate and publish the list at once; again, it only publishes. Raises CertificateMissing."""
    with _connect(desk, COMMANDS) as connection:
        with connection.transaction():
            _restore(desk, connection)
            found = find_certificate(connection, serial)
            if found is None:
                raise CertificateMissing(serial)
            entry = Entry("revoked", datetime.now(UTC).replace(microsecond=0), serial, by.actor, reason=reason)
            if add_revocation(connection, entry):
                journal.append(desk.folder, entry)
                note(connection, by, Action.AUTHORITY_REVOKE, f"{found.kind}:{found.name} {serial}: {reason}")
        publish(desk, connection)
    return found


def publish(desk: Desk, connection: psycopg.Connection) -> bytes:
    """Publish a fresh revocation list of what the registry and the journal know; return it (DER)."""
    rows = connection.execute(QUERIES["revoked"]).fetchall()
    known: dict[int, datetime] = {int(serial, 16): at for serial, at in rows}
    for entry in journal.entries(desk.folder):
        if entry.act == "revoked":
            known.setdefault(int(entry.serial, 16), entry.at)
    revoked: list[Revoked] = sorted(known.items())
    return publish_list(desk.topology, desk.folder, desk.authority, revoked)


def publish_now(desk: Desk) -> bytes:
    """Do the same over a connection of its own. Raises ServerUnreachable."""
    with _connect(desk, ROLE) as connection:
        return publish(desk, connection)


def listed(topology: Topology, over_for_days: int = 90) -> list[Listed]:
    """Return everything issued that is not over for longer. Raises ServerUnreachable."""
    with connect(topology, topology.database_of(Place.REGISTRY), ROLE, "authority") as connection:
        return find_structs(connection, Listed, QUERIES["issued"], {"days": over_for_days})


def note_root(topology: Topology, root: x509.Certificate, by: By) -> None:
    """Record in the trail that a root was made. Raises ServerUnreachable."""
    with connect(topology, topology.database_of(Place.REGISTRY), COMMANDS, "authority") as connection:
        note(connection, by, Action.AUTHORITY_INIT, f"{root.serial_number:x}")


def _connect(desk: Desk, role: str) -> psycopg.Connection:
    return connect(desk.topology, desk.topology.database_of(Place.REGISTRY), role, "authority")


def _restore(desk: Desk, connection: psycopg.Connection) -> None:
    entries = journal.entries(desk.folder)
    restore_issued(connection, entries)
    restore_revoked(connection, entries)


def _sign(desk: Desk, wish: Wish, key: PublicKey, *, by: str, code: bytes = b"", renews: str | None = None) -> Entry:
    now = datetime.now(UTC).replace(microsecond=0)
    certificate = issue(desk.authority, wish, key, now)
    entry = Entry("issued", now, f"{certificate.serial_number:x}", by, der_of(certificate), code, renews)
    journal.append(desk.folder, entry)
    return entry


def _issued(desk: Desk, content: bytes) -> Issued:
    certificate = x509.load_der_x509_certificate(content).public_bytes(serialization.Encoding.PEM)
    roots = (desk.folder / ROOT).read_text("ascii")
    return Issued(certificate.decode(), roots, ((desk.folder / LIST).read_bytes(),))


def _digest(key: PublicKey) -> bytes:
    return sha256(spki(key)).digest()
