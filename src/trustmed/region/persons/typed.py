"""Read a person out of what somebody typed into a form."""

import datetime as dt
from collections.abc import Mapping

from trustmed.matching.card import Card
from trustmed.patient.writing import ungrouped
from trustmed.region.persons.errors import BirthDateWrong, NothingToLookFor

UNKNOWN_SEX = 3


def card_of_typed(given: Mapping[str, str]) -> Card:
    """Return the card that was typed. Raises NothingToLookFor, BirthDateWrong."""
    if not (given.get("surname") and given.get("given_name") and given.get("birth_date")):
        raise NothingToLookFor
    sex = given.get("sex", "")
    *series, number = given.get("document", "").split() or [""]
    return Card(
        surname=given["surname"],
        given_name=given["given_name"],
        birth_date=_date(given["birth_date"]),
        sex=int(sex) if sex in ("1", "2") else UNKNOWN_SEX,
        patronymic=given.get("patronymic") or None,
        snils=ungrouped(given.get("snils", "")) or None,
        enp=ungrouped(given.get("enp", "")) or None,
        identity_series="".join(series) or None,
        identity_number=number or None,
        phone=given.get("phone") or None,
        address=given.get("address") or None,
    )


def _date(text: str) -> dt.date:
    """Read a date like 05.11.1980 or 1980-11-05. Raises BirthDateWrong."""
    day, dot, rest = text.partition(".")
    month, _, year = rest.partition(".")
    try:
        return dt.date(int(year), int(month), int(day)) if dot else dt.date.fromisoformat(text)
    except ValueError as error:
        raise BirthDateWrong from error
