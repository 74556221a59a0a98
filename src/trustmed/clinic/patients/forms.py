"""Cards of patients as forms of pages send them."""

import datetime as dt
from typing import Final

from trustmed.clinic.desk import read
from trustmed.clinic.patients.model import PatientData
from trustmed.clinic.patients.similar import Entry

LONGEST: Final = 1000  # characters of a field that are looked at


def card_of(given: dict[str, str]) -> PatientData:
    """Return the card out of a page's form; an empty field is an absent one. Raises FormWrong."""
    names = PatientData.__struct_fields__
    filled = {name: given[name].strip() for name in names if given.get(name, "").strip()}
    return read({"surname": "", "given_name": "", **filled}, PatientData)


def entry_of(given: dict[str, str]) -> Entry:
    """Return what a form says so far; a field that cannot be read yet is not known yet."""
    texts = ("surname", "given_name", "patronymic", "snils", "enp", "phone", "address")
    said = {name: given[name][:LONGEST] for name in texts if given.get(name)}
    try:
        born = dt.date.fromisoformat(given.get("birth_date", ""))
    except ValueError:
        born = None
    sex = int(given["sex"]) if given.get("sex") in ("1", "2", "3") else None
    return Entry(**said, birth_date=born, sex=sex)
