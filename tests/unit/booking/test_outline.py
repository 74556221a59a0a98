"""The outline of free slots in the days ahead, counted by speciality and day."""

import datetime as dt
from uuid import uuid4

from trustmed.booking.model import local_day
from trustmed.region.booking.outline import OutlineRow, outlined

DAYS = [dt.date(2030, 1, 7) + dt.timedelta(days=number) for number in range(3)]


def row(code: str, day: int, hour: int, sold_until: int | None = None):
    start = local_day(DAYS[day])[0]
    return OutlineRow(
        uuid4(),
        code,
        f"{code} врач",
        start + dt.timedelta(hours=hour),
        start + dt.timedelta(hours=hour if sold_until is None else sold_until),
    )


def test_slots_are_counted_by_day_and_the_nearest_is_named():
    rows = [row("б", 0, 9), row("а", 0, 10), row("а", 2, 9), row("а", 2, 11)]
    found = outlined(7, DAYS, rows)
    assert [(one.code, one.by_day, one.count) for one in found.specialities] == [
        ("а", (1, 0, 2), 3),
        ("б", (1, 0, 0), 1),
    ]
    assert found.specialities[0].nearest_slot_id == rows[1][0]
    assert dict(found.specialities[0].days()) == {DAYS[0]: 1, DAYS[1]: 0, DAYS[2]: 2}


def test_an_outline_is_valid_until_the_first_slot_stops_being_sold_and_no_longer_than_the_day():
    assert outlined(7, DAYS, [row("а", 0, 9), row("а", 2, 9, sold_until=-40)]).until == local_day(DAYS[0])[
        0
    ] + dt.timedelta(hours=8)
    assert outlined(7, DAYS, [row("а", 1, 9)]).until == local_day(DAYS[0])[1]
    assert outlined(7, DAYS, []).until == local_day(DAYS[0])[1]
