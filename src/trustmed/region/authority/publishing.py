"""Keep the authority's revocation list fresh: it is published anew long before its end."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

from trustmed.authority.trust import trust_folder
from trustmed.region.authority.errors import AuthorityLocked, AuthorityMissing
from trustmed.region.authority.folder import LIST
from trustmed.region.authority.service import open_desk, publish_now
from trustmed.topology.file.spec import Topology
from trustmed.web.tasks import repeat

log = structlog.get_logger()
EVERY_SECONDS: Final = 600.0
FRESH_FOR: Final = timedelta(days=1)


async def keep_published(topology: Topology) -> None:
    """Publish whenever the list is older than a day, for ever; a region without its own authority has nothing to."""

    async def look() -> None:
        await asyncio.to_thread(publish_if_old, topology)

    await repeat(look, EVERY_SECONDS, "revocation_list_not_published")


def publish_if_old(topology: Topology) -> None:
    """Publish the list if it is older than a day and this machine has the key, unlocked. Raises ServerUnreachable."""
    if datetime.now(UTC) - _issued_at(trust_folder(topology) / LIST) < FRESH_FOR:
        return
    try:
        publish_now(open_desk(topology))
    except AuthorityMissing:
        return
    except AuthorityLocked:
        log.warning("revocation_list_old", why="the key is locked: run trustmed authority crl")


def _issued_at(path: Path) -> datetime:
    try:
        return x509.load_der_x509_crl(path.read_bytes()).last_update_utc
    except (OSError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
