"""Ready reasons that stewards choose with a key; a reason is stored in the language it was chosen in."""

from typing import Final

from trustmed.web.i18n import current

SAME: Final = (
    ("Смена фамилии", "Change of surname"),
    ("Описка в имени или фамилии", "A slip in the name"),
    ("Описка в дате рождения", "A slip in the birth date"),
    ("Описка в номере", "A slip in a number"),
    ("Совпадают документы", "The documents agree"),
    ("Подтвердила клиника", "The clinic confirmed"),
)
NOT_SAME: Final = (
    ("Близнецы", "Twins"),
    ("Братья или сёстры", "Siblings"),
    ("Родитель и ребёнок", "Parent and child"),
    ("Однофамильцы", "Namesakes"),
    ("В карте чужой номер", "Somebody else's number in the card"),
    ("Подтвердила клиника", "The clinic confirmed"),
)


def in_language(reasons: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the reasons in the request's language."""
    return tuple(english if current.get() == "en" else russian for russian, english in reasons)
