"""Refusals that somebody who looks for persons may get."""

from uuid import UUID

from trustmed.errors import InputRefused, NotFound


class PersonUnknown(NotFound):
    """The index has no person with this id."""

    def __init__(self, person_id: UUID) -> None:
        super().__init__(
            f"Человека {person_id} в индексе нет. Проверьте номер или найдите человека по СНИЛС, полису или имени.",
            f"Person {person_id} is not in the index. Check the id, or find the person by SNILS, policy or name.",
        )


class NothingToLookFor(InputRefused):
    """The search has neither a number nor a full name with a birth date."""

    def __init__(self) -> None:
        super().__init__(
            "Укажите, кого искать: СНИЛС, полис, номер документа или фамилию, имя и дату рождения.",
            "Say whom to look for: SNILS, policy, document number, or surname, given name and date of birth.",
        )


class BirthDateWrong(InputRefused):
    """The birth date cannot be read as a date."""

    def __init__(self) -> None:
        super().__init__(
            "Не удалось разобрать дату рождения. Введите её как 05.11.1980 или 1980-11-05.",
            "The birth date cannot be read. Write it as 05.11.1980 or 1980-11-05.",
        )
