"""What an operator typed and the pages cannot take."""

from trustmed.errors import InputRefused


class SnilsWrong(InputRefused):
    """The check digits of a СНИЛС do not agree."""

    def __init__(self) -> None:
        super().__init__(
            "СНИЛС неверен: не сходится контрольное число. Переспросите номер.",
            "The SNILS is wrong: its check digits do not agree. Ask for the number again.",
        )


class PhoneWrong(InputRefused):
    """Not the ten digits of a phone."""

    def __init__(self) -> None:
        super().__init__(
            "Телефон не понят: нужны десять цифр с кодом, например 921 123-45-67. Переспросите номер.",
            "The phone is not understood: ten digits with the code are needed, like 921 123-45-67. Ask again.",
        )


class BirthAhead(InputRefused):
    """Nobody is born yet on the day given."""

    def __init__(self) -> None:
        super().__init__(
            "Дата рождения ещё не наступила. Исправьте её.", "The birth date is in the future. Correct it."
        )


class ReasonNeeded(InputRefused):
    """A cancellation, or a rule set aside, without a reason."""

    def __init__(self) -> None:
        super().__init__(
            "Напишите причину (от трёх до трёхсот знаков): её увидят пациент и клиника.",
            "Write the reason (3 to 300 characters): the patient and the clinic will see it.",
        )


class SlotUnchosen(InputRefused):
    """The form came without a slot."""

    def __init__(self) -> None:
        super().__init__("Время не выбрано. Выберите его из свободных.", "No time is chosen. Choose one of the free.")
