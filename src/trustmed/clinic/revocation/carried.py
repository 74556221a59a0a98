"""The region's lists, read again now and then. The site's own roots decide whether a list is its issuer's (`chain`)."""

import asyncio
import time
from typing import Final

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from trustmed.clinic.work import Databases
from trustmed.db.async_rows import find_values
from trustmed.db.queries import load
from trustmed.signature.der import DerError
from trustmed.signature.revocation import RevocationList, read_crl
from trustmed.signature.trust import TrustStore, with_lists

log = structlog.get_logger()
sql = load(__package__)
EVERY_SECONDS: Final = 30.0


class CarriedLists:
    """The lists by the digest of their bytes: a list is parsed once, and only what changed is read."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._lists: dict[str, RevocationList | None] = {}
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._joined: tuple[TrustStore, TrustStore] | None = None

    async def added_to(self, own: TrustStore) -> TrustStore:
        """Return the site's own store with the carried lists; without them if the database cannot be asked."""
        if time.monotonic() - self._looked_at > EVERY_SECONDS:
            async with self._looking:
                if time.monotonic() - self._looked_at > EVERY_SECONDS:
                    await self._look()
                    self._looked_at = time.monotonic()
        if self._joined is None or self._joined[0] is not own:
            self._joined = (own, with_lists(own, (crl for crl in self._lists.values() if crl is not None)))
        return self._joined[1]

    def forget(self) -> None:
        """Read the lists again before the next use."""
        self._looked_at = float("-inf")

    async def _look(self) -> None:
        try:
            async with self._databases.site.connection() as connection:
                present = set(await find_values(connection, sql["digests"]))
                new = list(present - self._lists.keys())
                contents = await find_values(connection, sql["contents"], {"digests": new}) if new else []
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("carried_lists_not_read", error=str(error).strip())
            return
        read = dict.fromkeys(new) | await asyncio.to_thread(_read_all, contents)
        kept = {digest: crl for digest, crl in self._lists.items() if digest in present}
        if read or kept.keys() != self._lists.keys():
            self._lists, self._joined = kept | read, None


def _read_all(contents: list[bytes]) -> dict[str, RevocationList | None]:
    """Parse lists; one that is damaged is left out."""
    found: dict[str, RevocationList | None] = {}
    for content in contents:
        try:
            crl = read_crl(bytes(content))
        except DerError as error:
            log.warning("carried_list_damaged", error=str(error))
        else:
            found[crl.sha256] = crl
    return found
