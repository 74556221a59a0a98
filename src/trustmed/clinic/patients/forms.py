"""Read a patient's card from the form of a page."""

import datetime as dt
from typing import Final

from trustmed.clinic.desk import read
from trustmed.clinic.patients.model import PatientData
from trustmed.clinic.patients.similar import Entry

LONGEST: Final = 1000  # characters of a field; the rest is ignored


def card_of(given: dict[str, str]) -> PatientData:
    """Return the card in a page's form; an empty field counts as absent. Raises FormWrong."""
    names = PatientData.__struct_fields__
    filled = {name: given[name].strip() for name in names if given.get(name, "").strip()}
    return read({"surname": "", "given_name": "", **filled}, PatientData)


def entry_of(given: dict[str, str]) -> Entry:
    """Return what is filled in so far; a field that cannot be read yet counts as unknown."""
    texts = ("surname", "given_name", "patronymic", "snils", "enp", "phone", "address")
    texts_given = {name: given[name][:LONGEST] for name in texts if given.get(name)}
    try:
        born = dt.date.fromisoformat(given.get("birth_date", ""))
    except ValueError:
        born = None
    sex = int(given["sex"]) if given.get("sex") in ("1", "2", "3") else None
    return Entry(**texts_given, birth_date=born, sex=sex)
