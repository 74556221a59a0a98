"""Find hours that need one doctor or one room twice at the same time. Pure."""

from collections.abc import Iterable

from trustmed.clinic.schedule.errors import HoursClash
from trustmed.clinic.schedule.model import Hours

WEEKDAYS = (
    ("понедельник", "Monday"),
    ("вторник", "Tuesday"),
    ("среда", "Wednesday"),
    ("четверг", "Thursday"),
    ("пятница", "Friday"),
    ("суббота", "Saturday"),
    ("воскресенье", "Sunday"),
)


def first_clash(hours: Iterable[Hours]) -> tuple[Hours, Hours] | None:
    """Return the first two hours that cannot both be kept, if any."""
    seen: list[Hours] = []
    for one in sorted(hours, key=lambda one: (one.weekday, one.starts, one.id)):
        seen = [other for other in seen if other.weekday == one.weekday and other.ends > one.starts]
        for other in seen:
            if is_clash(other, one):
                return other, one
        seen.append(one)
    return None


def is_clash(one: Hours, other: Hours) -> bool:
    """Whether weekdays are equal, times and days of validity overlap, and the doctor, resource or room is the same."""
    return (
        one.weekday == other.weekday
        and one.starts < other.ends
        and other.starts < one.ends
        and (other.valid_to is None or one.valid_from <= other.valid_to)
        and (one.valid_to is None or other.valid_from <= one.valid_to)
        and (is_same_resource(one, other) or is_same_room(one, other))
    )


def is_same_resource(one: Hours, other: Hours) -> bool:
    is_same_person = one.employee_id is not None and one.employee_id == other.employee_id
    return one.resource_id == other.resource_id or is_same_person


def is_same_room(one: Hours, other: Hours) -> bool:
    """Whether the rooms are the same; they are compared as written, ignoring case."""
    return one.room is not None and other.room is not None and one.room.casefold() == other.room.casefold()


def refusal(one: Hours, other: Hours) -> HoursClash:
    """Return an error that names both hours: the doctor, the day and the room."""
    who = ("один и тот же врач", "the same doctor") if is_same_resource(one, other) else ("один кабинет", "one room")
    return HoursClash(
        f"Часы приёма пересекаются, {who[0]} нужен дважды: {description(one, 0)} и {description(other, 0)}. "
        "Измените время, дни действия или кабинет.",
        f"The hours overlap, {who[1]} would be needed twice: {description(one, 1)} and {description(other, 1)}. "
        "Change the time, the days of validity or the room.",
    )


def description(one: Hours, language: int) -> str:
    """Describe hours as «Иванов И. И., понедельник 09:00-12:00, каб. 205». `language` 0 is Russian, 1 English."""
    room = (f", каб. {one.room}", f", room {one.room}")[language] if one.room else ""
    return f"{one.name}, {WEEKDAYS[one.weekday - 1][language]} {one.starts:%H:%M}-{one.ends:%H:%M}{room}"
