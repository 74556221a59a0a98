"""An authority stored in a folder: its key, its certificate, the revoked certificates and its latest list.

Files: ca.key (PKCS#8 PEM, readable by its owner only), ca.crt (PEM), ca.crl (DER) and revoked.json. Every change locks
the folder, so there is one writer at a time.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from trustmed.signature.software.authority import Algorithm, Authority, Reason, Revoked, create_root, publish_crl
from trustmed.signature.software.signing import SoftwareKey, write_private, write_whole


class _Ledger(msgspec.Struct):
    """`number` is that of the last published list."""

    number: int = 0
    revoked: list[Revoked] = []


def open_authority(
    directory: Path, name: str, algorithm: Algorithm = "ecdsa-p256", passphrase: bytes = b""
) -> Authority:
    """Return the authority of the folder; the first call makes it. Raises KeyRefused, GostEngineMissing, OSError."""
    with _hold_lock(directory):
        key_file, chain_file = directory / "ca.key", directory / "ca.crt"
        if not chain_file.exists():
            authority = create_root(name, algorithm)
            SoftwareKey(authority.key, authority.chain).save(key_file, chain_file, passphrase)
        loaded = SoftwareKey.load(key_file, chain_file, passphrase)
        return Authority(loaded.key, loaded.chain)


def revoke(directory: Path, serial: int, at: datetime, reason: Reason = "unspecified") -> None:
    """Revoke a certificate: it is refused once the next list is published. Revoking it again changes nothing."""
    with _hold_lock(directory):
        ledger = _read_ledger(directory)
        if all(entry.serial != serial for entry in ledger.revoked):
            ledger.revoked.append(Revoked(serial, at, reason))
            _write_ledger(directory, ledger)


def publish(
    directory: Path, authority: Authority, issued_at: datetime, next_update: datetime, trust: Path | None = None
) -> Path:
    """Write the list with the next number to ca.crl; copy certificate and list to the folder `trust`, if given."""
    with _hold_lock(directory):
        ledger = _read_ledger(directory)
        ledger.number += 1
        _write_ledger(directory, ledger)
        crl = publish_crl(authority, ledger.revoked, ledger.number, issued_at, next_update)
        write_whole(directory / "ca.crl", crl)
        if trust is not None:
            trust.mkdir(parents=True, exist_ok=True)
            write_whole(trust / f"{directory.name}.crt", (directory / "ca.crt").read_bytes())
            write_whole(trust / f"{directory.name}.crl", crl)
        return directory / "ca.crl"


@contextmanager
def _hold_lock(directory: Path) -> Generator[None, None, None]:
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read_ledger(directory: Path) -> _Ledger:
    file = directory / "revoked.json"
    return msgspec.json.decode(file.read_bytes(), type=_Ledger) if file.exists() else _Ledger()


def _write_ledger(directory: Path, ledger: _Ledger) -> None:
    write_private(directory / "revoked.json", msgspec.json.encode(ledger))
