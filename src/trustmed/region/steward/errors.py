"""Refusals that a steward may get."""

from typing import ClassVar
from uuid import UUID

from trustmed.errors import InputRefused, NotFound, TrustMedError


class ReviewUnknown(NotFound):
    """The queue has no question with this id."""

    def __init__(self, review_id: UUID) -> None:
        super().__init__(
            f"Вопроса {review_id} в очереди нет. Вернитесь к очереди.",
            f"Question {review_id} is not in the queue. Go back to the queue.",
        )


class ActUnknown(NotFound):
    """There is no act with this id."""

    def __init__(self, act_id: UUID) -> None:
        super().__init__(f"Решения {act_id} нет.", f"There is no act {act_id}.")


class Outdated(TrustMedError):
    """The data have changed since the steward looked at them."""

    status: ClassVar[int] = 409


class AlreadyAnswered(Outdated):
    def __init__(self) -> None:
        super().__init__(
            "На этот вопрос уже ответили, или данные изменились и вопрос снят. Откройте следующий.",
            "This question is answered already, or the data changed and it was withdrawn. Open the next one.",
        )


class PersonMerged(Outdated):
    def __init__(self, person_id: UUID, into: UUID) -> None:
        super().__init__(
            f"Человек {person_id} уже объединён с {into}. Обновите страницу и решайте о нём.",
            f"Person {person_id} is merged into {into} already. Reload the page and decide about that one.",
        )


class ActUndone(Outdated):
    def __init__(self) -> None:
        super().__init__("Это решение уже отменено.", "This act is undone already.")


class LaterActs(Outdated):
    def __init__(self, acts: list[UUID]) -> None:
        named = ", ".join(str(act) for act in acts)
        super().__init__(
            f"О тех же пациентах есть более поздние решения: {named}. Сначала отмените их.",
            f"There are later acts about the same patients: {named}. Undo them first.",
        )


class KeptApart(Outdated):
    def __init__(self, act_id: UUID) -> None:
        super().__init__(
            f"Об этих людях уже решено, что они разные (решение {act_id}). Сначала отмените то решение.",
            f"These persons were decided not to be the same (act {act_id}). Undo that act first.",
        )


class SamePerson(InputRefused):
    def __init__(self) -> None:
        super().__init__(
            "Это один и тот же человек: объединять нечего. Выберите другого.",
            "This is one and the same person: there is nothing to merge. Choose another.",
        )


class StillTwo(InputRefused):
    def __init__(self) -> None:
        super().__init__(
            "Это два разных человека, снять вопрос нельзя. Ответьте, один это человек или разные, или отложите вопрос.",
            "These are two persons, so the question stays. Answer whether they are one or two, or put it off.",
        )


class NoPatients(Outdated):
    def __init__(self, person_id: UUID) -> None:
        super().__init__(
            f"К человеку {person_id} больше не относится ни одна запись клиник. Обновите страницу.",
            f"Person {person_id} no longer has any clinic's row. Reload the page.",
        )


class SplitWrong(InputRefused):
    def __init__(self) -> None:
        super().__init__(
            "Отметьте записи, которые отходят к другому человеку: хотя бы одну, но не все.",
            "Mark the rows that go to another person: at least one, and not all of them.",
        )


class ReasonMissing(InputRefused):
    def __init__(self) -> None:
        super().__init__(
            "Напишите, почему вы так решили (не короче трёх знаков, не длиннее 1000): решение увидят и через годы.",
            "Write why you decide so (3 to 1000 characters): the decision will be read years from now.",
        )


class FieldUnknown(InputRefused):
    def __init__(self, field: str) -> None:
        super().__init__(f"Поля «{field}» у человека нет.", f"A person has no field {field!r}.")


class ValueWrong(InputRefused):
    def __init__(self, field: str) -> None:
        super().__init__(
            f"Значение поля «{field}» неверно: проверьте формат даты (ГГГГ-ММ-ДД), контрольное число, длину.",
            f"The value of {field!r} is wrong: check the format of a date (YYYY-MM-DD), check digits, length.",
        )
