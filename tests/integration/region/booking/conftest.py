"""The booking service as the region's web program runs it, without Redis unless a test says otherwise."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest

from tests.fix_region import HOSPITAL, RegionStand
from tests.integration.region.booking.rows import OPERATOR, Clinic
from trustmed.booking.model import Booking, BookingRequest
from trustmed.hot.copies import HotCopies
from trustmed.region.booking import service
from trustmed.region.booking.model import Caller
from trustmed.region.pools import Pools


class Desk(msgspec.Struct, frozen=True):
    """The booking service bound to its pools and hot copies."""

    pools: Pools
    hot: HotCopies

    async def book(self, who: Caller, asked: BookingRequest, organization_id: int = HOSPITAL) -> Booking:
        return await service.book(self.pools, self.hot, OPERATOR, who, organization_id, asked)

    async def move(
        self, who: Caller, booking_id: UUID, asked: BookingRequest, organization_id: int = HOSPITAL
    ) -> Booking:
        return await service.move(self.pools, self.hot, OPERATOR, who, organization_id, booking_id, asked)

    async def cancel(self, who: Caller, booking_id: UUID, organization_id: int = HOSPITAL) -> str:
        return await service.cancel(self.pools, self.hot, OPERATOR, who, organization_id, booking_id, "передумала")

    async def bookings(self, who: Caller) -> tuple[Booking, ...]:
        return await service.bookings(self.pools, OPERATOR, who)


@pytest.fixture
async def desk(region: RegionStand) -> AsyncIterator[Desk]:
    pools, hot = Pools(region.topology), HotCopies(None)
    await pools.open()
    yield Desk(pools, hot)
    await hot.close()
    await pools.close()


@pytest.fixture
def clinic(region: RegionStand) -> Clinic:
    return Clinic(region)
