"""Hand slots over to the region, ask for them back, and withdraw them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.booking.locks import take_locks
from trustmed.booking.share import Quota, SharableSlot, choose_slots
from trustmed.db.async_rows import find_rows, find_structs, find_values
from trustmed.db.queries import load

sql = load(__package__)


async def share_out(connection: AsyncConnection, organization_id: int, since: dt.datetime, until: dt.datetime) -> int:
    """Hand the region its share of the slots of a period, by the quotas it has sent; return how many were handed over.

    A slot the region had once is not handed over again automatically, whatever the reason for its return.
    """
    # Two processes that share out at once would each miss the other's slots and together hand over more than the share.
    await take_locks(connection, [f"share:{organization_id}"])
    quotas = await find_structs(connection, Quota, sql["quotas"], {"organization_id": organization_id})
    if not quotas:
        return 0
    values = {"organization_id": organization_id, "since": since, "until": until}
    rows = await find_rows(connection, sql["shareable"], values)
    offered = [SharableSlot(day=row["starts_at"].astimezone().date(), **row) for row in rows]
    picked = choose_slots(offered, quotas, dt.datetime.now(dt.UTC))
    if not picked:
        return 0
    await take_locks(connection, [f"slot:{one.slot_id}" for one in picked])
    values = {
        "organization_id": organization_id,
        "slots": [one.slot_id for one in picked],
        "untils": [one.sell_until for one in picked],
    }
    return (await connection.execute(sql["hand_over"], values)).rowcount


async def recall(connection: AsyncConnection, actor: Actor, slot_ids: Sequence[UUID]) -> int:
    """Ask the region for these slots back, if it has them; return how many requests are new."""
    values = {"organization_id": actor.organization_id, "slots": list(slot_ids)}
    return (await connection.execute(sql["recall"], values)).rowcount


async def withdraw(connection: AsyncConnection, actor: Actor, slot_ids: Sequence[UUID], why: str) -> int:
    """Withdraw future slots from the schedule and ask the region for those it has; return how many were withdrawn.

    A patient booked into one stays booked and becomes a task for the registrar, because a person has to tell them.
    """
    await take_locks(connection, [f"slot:{slot_id}" for slot_id in slot_ids])
    values = {"organization_id": actor.organization_id, "slots": list(slot_ids), "why": why}
    taken = await find_values(connection, sql["withdraw"], values)
    await recall(connection, actor, taken)
    return len(taken)
