"""What the region's booking refuses besides what both sides do (trustmed.booking.errors)."""

from typing import ClassVar

from trustmed.errors import InputRefused


class CallerUnnamed(InputRefused):
    """Nobody could know the patient by what is given."""

    def __init__(self) -> None:
        super().__init__(
            "Для записи нужны фамилия, имя и дата рождения пациента, а также СНИЛС или телефон. Дополните сведения.",
            "A booking needs the patient's surname, given name and birth date, and a SNILS or a phone. "
            "Add what is missing.",
        )


class DaysRefused(InputRefused):
    """A range of days that is none, or too long."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Неверный промежуток дней: первый не позже последнего, всего не больше {most}. Исправьте даты.",
            f"A wrong range of days: the first is not after the last, {most} of them at most. Correct the dates.",
        )


class BookingPast(InputRefused):
    """The time of the visit has come: there is nothing to cancel or move any more."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Время приёма уже наступило: отменить или перенести эту запись нельзя. Сделайте новую.",
            "The time of the visit has come: this booking cannot be cancelled or moved. Make a new one.",
        )
