"""What a site does about booking by itself: end what the region asks to end, and hand over the region's share.

Any number of processes may run this: everything is checked again under the slots' locks, so it is done once.
"""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import msgspec
import structlog
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor, Event, note
from trustmed.booking.locks import take_locks
from trustmed.clinic.booking.service import end_own_booking, sql
from trustmed.clinic.shares.service import share_out
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import tenant
from trustmed.db.async_rows import find_structs
from trustmed.db.keys import least_key
from trustmed.web.tasks import end_tasks, repeat

log = structlog.get_logger()

EVERY_SECONDS: Final = 1.0
SHARE_EVERY_SECONDS: Final = 30.0
AHEAD: Final = dt.timedelta(days=60)
RECENT_SECONDS: Final = 24 * 3600
EARLIEST: Final = UUID(int=0)


class CancelRequest(msgspec.Struct, frozen=True):
    """A booking of the site that the region wants ended."""

    organization_id: int
    id: UUID
    slot_id: UUID
    patient_id: UUID
    by_name: str
    why: str


@asynccontextmanager
async def tending(clinic: Clinic) -> AsyncGenerator[None]:
    """Run the work in the background for as long as the block lasts."""
    shared_at = float("-inf")

    async def tend() -> None:
        nonlocal shared_at
        share = time.monotonic() - shared_at > SHARE_EVERY_SECONDS
        for organization in clinic.site.organization:
            await _tend_organization(clinic, organization.id, share)
        shared_at = time.monotonic() if share else shared_at

    task = asyncio.create_task(repeat(tend, EVERY_SECONDS, "booking_tending"))
    try:
        yield
    finally:
        await end_tasks(task)


async def carry_out_cancel_requests(connection: AsyncConnection, organization_id: int, after: UUID = EARLIEST) -> int:
    """End the bookings that the region asked to end, within a tenant's transaction; return how many were ended.

    `after` limits this to later requests: their ids are UUIDs of version 7, which begin with the time.
    """
    requests = await find_structs(
        connection, CancelRequest, sql["cancel_requests"], {"organization_id": organization_id, "after": after}
    )
    if not requests:
        return 0
    await take_locks(connection, [f"slot:{request.slot_id}" for request in requests])
    ended = 0
    for request in requests:
        actor = Actor("region", request.by_name, "region", organization_id)
        if await end_own_booking(connection, actor, request.id, "cancelled", request.why, None):
            await note(connection, actor, Event(Action.BOOKING_CANCEL, ground="service", patient_id=request.patient_id))
            ended += 1
    return ended


async def _tend_organization(clinic: Clinic, organization_id: int, share: bool) -> None:
    async with tenant(clinic.databases.site, organization_id) as connection:
        # Read the last day's requests only, but all of them whenever slots are shared out: after a long time without a
        # link many requests are older than a day.
        ended = await carry_out_cancel_requests(
            connection, organization_id, EARLIEST if share else least_key(time.time() - RECENT_SECONDS)
        )
    if ended:
        log.info("booking_ended_for_region", organization_id=organization_id, count=ended)
    if share:
        now = dt.datetime.now(dt.UTC)
        async with tenant(clinic.databases.site, organization_id) as connection:
            handed_over = await share_out(connection, organization_id, now, now + AHEAD)
        if handed_over:
            log.info("booking_handed_over", organization_id=organization_id, count=handed_over)
