"""Software keys kept on the server, for demo and test deployments. Elsewhere people sign with tools of their own."""

from functools import lru_cache
from pathlib import Path

import msgspec

from trustmed.errors import InputRefused
from trustmed.signature.software.signing import SoftwareKey


class Given(msgspec.Struct, frozen=True):
    """A detached signature as handed in, and the role it was made in."""

    role: str
    content: bytes


class NoSoftwareKey(InputRefused):
    """This deployment has no key for this signer."""

    def __init__(self, whose: str) -> None:
        super().__init__(
            f"На сервере нет программного ключа ({whose}). Скачайте документ, подпишите его своим средством и "
            "загрузите файлы .p7s.",
            f"The server keeps no software key ({whose}). Download the document, sign it with your own tool and "
            "upload the .p7s files.",
        )


class SoftwareSigner:
    """Signs with `<folder>/<snils>.pem` of a doctor and `<folder>/<ogrn>.pem` of an organisation; chains: `.crt`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def can_sign(self, snils: str | None, ogrn: str) -> bool:
        return snils is not None and all(self._files(name)[0].is_file() for name in (snils, ogrn))

    def sign(self, content: bytes, snils: str | None, ogrn: str) -> tuple[Given, ...]:
        """Return both signatures. Blocks, so call it in a thread.

        Raises NoSoftwareKey, KeyRefused, GostEngineMissing.
        """
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
