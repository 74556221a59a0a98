"""Why a schedule is not taken."""

from typing import ClassVar

from trustmed.errors import InputRefused, NotFound


class ResourceMissing(NotFound):
    """No such doctor or room on the schedule of this organisation."""

    def __init__(self) -> None:
        super().__init__(
            "Такого врача или кабинета в расписании вашей организации нет. Выберите его из списка.",
            "There is no such doctor or room on your organisation's schedule. Choose one from the list.",
        )


class HoursMissing(NotFound):
    """The hours were removed before."""

    def __init__(self) -> None:
        super().__init__(
            "Этих часов приёма уже нет. Обновите страницу.", "These hours are no longer there. Refresh the page."
        )


class ResourceWrong(InputRefused):
    """A doctor or a room cannot be put on the schedule so."""


class HoursWrong(InputRefused):
    """Hours or a period that cannot be kept."""


class HoursClash(InputRefused):
    """One doctor would be needed in two places, or one room by two, at one time."""

    status: ClassVar[int] = 409


class SlotsClash(InputRefused):
    """A slot to be made lies across one that is there already."""

    status: ClassVar[int] = 409
