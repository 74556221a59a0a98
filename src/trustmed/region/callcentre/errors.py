"""Refusals of what an operator typed."""

from trustmed.errors import InputRefused


class SnilsWrong(InputRefused):
    """The check digits of the СНИЛС are wrong."""

    def __init__(self) -> None:
        super().__init__(
            "СНИЛС неверен: не сходится контрольное число. Переспросите номер.",
            "The SNILS is wrong: its check digits do not agree. Ask for the number again.",
        )


class PhoneWrong(InputRefused):
    """The text is not one phone number of ten digits, nor a foreign one."""

    def __init__(self) -> None:
        super().__init__(
            "Телефон указан неверно: нужны десять цифр с кодом, например 921 123-45-67. Переспросите номер.",
            "The phone is wrong: ten digits with the area code are needed, like 921 123-45-67. Ask again.",
        )


class BirthAhead(InputRefused):
    """The birth date is in the future."""

    def __init__(self) -> None:
        super().__init__(
            "Дата рождения ещё не наступила. Исправьте её.", "The birth date is in the future. Correct it."
        )


class ReasonNeeded(InputRefused):
    """A booking is cancelled, or a rule is set aside, without a reason."""

    def __init__(self) -> None:
        super().__init__(
            "Напишите причину (от трёх до трёхсот знаков): её увидят пациент и клиника.",
            "Write the reason (3 to 300 characters): the patient and the clinic will see it.",
        )


class SlotUnchosen(InputRefused):
    """The form has no slot."""

    def __init__(self) -> None:
        super().__init__("Время не выбрано. Выберите свободное время.", "No time is chosen. Choose a free one.")
