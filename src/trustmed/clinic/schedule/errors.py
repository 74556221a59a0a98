"""Why a change of the schedule is refused."""

from typing import ClassVar

from trustmed.errors import InputRefused, NotFound


class ResourceMissing(NotFound):
    """The organisation's schedule has no such doctor or room."""

    def __init__(self) -> None:
        super().__init__(
            "Такого врача или кабинета в расписании вашей организации нет. Выберите его из списка.",
            "There is no such doctor or room on your organisation's schedule. Choose one from the list.",
        )


class HoursMissing(NotFound):
    """The hours have already been removed."""

    def __init__(self) -> None:
        super().__init__(
            "Этих часов приёма уже нет. Обновите страницу.", "These hours are no longer there. Refresh the page."
        )


class ResourceWrong(InputRefused):
    """The doctor or room cannot be put on the schedule this way."""


class HoursWrong(InputRefused):
    """The hours or the period make no sense."""


class HoursClash(InputRefused):
    """One doctor would be needed in two places, or one room by two doctors, at the same time."""

    status: ClassVar[int] = 409


class SlotsClash(InputRefused):
    """A slot to be made overlaps an existing one."""

    status: ClassVar[int] = 409
