"""What the region's booking refuses besides what both sides do (trustmed.booking.errors)."""

from typing import ClassVar

from trustmed.errors import InputRefused


class CallerUnnamed(InputRefused):
    """The request does not say enough to identify the patient."""

    def __init__(self) -> None:
        super().__init__(
            "Для записи нужны фамилия, имя и дата рождения пациента, а также СНИЛС или телефон. Дополните сведения.",
            "A booking needs the patient's surname, given name and birth date, and a SNILS or a phone. "
            "Add what is missing.",
        )


class DaysRefused(InputRefused):
    """The range of days is empty or too long."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Неверные дни: нужны даты вида 2026-11-05, первая не позже последней, дней не больше {most}. "
            "Исправьте даты.",
            f"Wrong days: dates like 2026-11-05 are needed, the first not after the last, {most} days at most. "
            "Correct the dates.",
        )


class BookingPast(InputRefused):
    """The visit has begun: the booking can no longer be cancelled or moved."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Время приёма уже наступило: отменить или перенести эту запись нельзя. Сделайте новую.",
            "The time of the visit has come: this booking cannot be cancelled or moved. Make a new one.",
        )


class OperatorNeeded(InputRefused):
    """A call centre's system does not say which operator books."""

    def __init__(self) -> None:
        super().__init__(
            "Назовите оператора, который записывает: поле operator с номером и именем.",
            "Name the operator who books: field operator with an id and a name.",
        )
