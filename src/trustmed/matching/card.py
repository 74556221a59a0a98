"""A patient as an organisation entered them."""

import datetime as dt

import msgspec


class Card(msgspec.Struct, frozen=True):
    """The columns of mpi.patient that identify a person. `sex` is by dictionary 1040: 1 man, 2 woman, 3 unknown."""

    surname: str
    given_name: str
    birth_date: dt.date
    sex: int
    patronymic: str | None = None
    snils: str | None = None
    enp: str | None = None
    identity_kind: str | None = None
    identity_series: str | None = None
    identity_number: str | None = None
    phone: str | None = None
    address: str | None = None
