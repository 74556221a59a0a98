"""A patient's card."""

import datetime as dt
from uuid import UUID

import msgspec


class PatientData(msgspec.Struct, frozen=True):
    """What a registrar enters. `sex` of dictionary 1040 (1 man, 2 woman, 3 unknown); `snils` 11 and `enp` 16 digits."""

    surname: str
    given_name: str
    birth_date: dt.date
    sex: int
    patronymic: str | None = None
    snils: str | None = None
    enp: str | None = None
    phone: str | None = None
    address: str | None = None


class Patient(msgspec.Struct, frozen=True):
    """A patient's card as stored; `sort_key` gives the place in Russian order."""

    id: UUID
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: dt.date
    sex: int
    snils: str | None
    enp: str | None
    phone: str | None
    address: str | None
    sort_key: str

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


class Wish(msgspec.Struct, frozen=True):
    """What a search line asks for: a number, or the beginning of a name, or a date of birth, or the last two."""

    prefix: str = ""
    birth_date: dt.date | None = None
    snils: str | None = None
    enp: str | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of a search. `next_after` is the id after which the next page begins, None at the end."""

    patients: tuple[Patient, ...]
    next_after: UUID | None = None
