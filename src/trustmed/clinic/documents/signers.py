"""Software keys kept on the server: for the demo and test stands. People sign with tools of their own."""

from functools import lru_cache
from pathlib import Path

from trustmed.clinic.documents.errors import NoSoftwareKey
from trustmed.clinic.documents.model import Given
from trustmed.signature.sign import SoftwareKey


class SoftwareSigner:
    """Keys are `<folder>/<snils>.pem` of a doctor and `<folder>/<ogrn>.pem` of an organisation, chains `.crt`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def can_sign(self, snils: str | None, ogrn: str) -> bool:
        return snils is not None and all(self._files(name)[0].is_file() for name in (snils, ogrn))

    def sign(self, content: bytes, snils: str | None, ogrn: str) -> tuple[Given, ...]:
        """Both signatures; blocking, use a thread. Raises NoSoftwareKey, KeyRefused, GostEngineMissing."""
        doctor = self._key(snils or "", f"СНИЛС {snils}")
        organization = self._key(ogrn, f"ОГРН {ogrn}")
        return Given("doctor", doctor.sign(content)), Given("organization", organization.sign(content))

    def _key(self, name: str, whose: str) -> SoftwareKey:
        key_file, chain_file = self._files(name)
        if not name.isdigit() or not key_file.is_file() or not chain_file.is_file():
            raise NoSoftwareKey(whose)
        return _load(key_file, chain_file, key_file.stat().st_mtime_ns, chain_file.stat().st_mtime_ns)

    def _files(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{name}.pem", self._folder / f"{name}.crt"


@lru_cache(maxsize=512)
def _load(key_file: Path, chain_file: Path, key_changed: int, chain_changed: int) -> SoftwareKey:
    return SoftwareKey.load(key_file, chain_file)
