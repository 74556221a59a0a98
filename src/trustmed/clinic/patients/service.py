"""Finding, registering and correcting patients. Every function works within a tenant's transaction."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.clinic.patients.model import Found, Patient, PatientData
from trustmed.clinic.patients.search import bounds, understand
from trustmed.db.async_rows import find_structs, find_value
from trustmed.db.queries import load
from trustmed.errors import InputRefused, NotFound
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils
from trustmed.patient.writing import tidy, ungrouped

sql = load(__package__)

PAGE: Final = 20
FIRST: Final = UUID(int=0)
OLDEST_BIRTH: Final = dt.date(1890, 1, 1)
LONGEST: Final = {"surname": 100, "given_name": 100, "patronymic": 100, "phone": 100, "address": 1000}
"""In characters; an index entry holds the three parts of a name twice and must fit into 2.7 KB."""


class PatientMissing(NotFound):
    """No such patient in this organisation."""


class FieldWrong(InputRefused):
    """A field of the patient's card cannot be taken; `field` is its name."""

    def __init__(self, field: str, ru: str, en: str) -> None:
        super().__init__(ru, en)
        self.field = field


async def find(
    connection: AsyncConnection, organization_id: int, line: str, after: UUID | None = None, limit: int = PAGE
) -> Found:
    """A page of the patients a search line asks for, in Russian order."""
    wanted = understand(line)
    values: dict[str, object] = {"organization_id": organization_id, "limit": limit + 1}
    if wanted.snils is not None:
        rows = await _rows(connection, "find_by_snils", {**values, "snils": wanted.snils})
    elif wanted.enp is not None:
        rows = await _rows(connection, "find_by_enp", {**values, "enp": wanted.enp})
    else:
        low, high = bounds(wanted.prefix)
        if after is not None:
            low = (await get(connection, organization_id, after)).sort_key
        values |= {"low": low, "high": high, "after": after or FIRST, "birth_date": wanted.birth_date}
        name = "find_by_name" if wanted.birth_date is None else "find_by_name_and_birth_date"
        rows = await _rows(connection, name, values)
    return Found(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


async def get(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> Patient:
    """Raises PatientMissing, also for another organisation's patient."""
    rows = await _rows(connection, "find_patient", {"organization_id": organization_id, "id": patient_id})
    if not rows:
        raise PatientMissing(
            "Такого пациента в вашей организации нет. Найдите его поиском или зарегистрируйте.",
            "There is no such patient in your organisation. Search for the person or register.",
        )
    return rows[0]


async def register(connection: AsyncConnection, organization_id: int, data: PatientData) -> UUID:
    """A new card; returns its id. Raises FieldWrong."""
    values = {"organization_id": organization_id, **msgspec.structs.asdict(checked(data))}
    made = await find_value(connection, sql["add_patient"], values)
    if made is None:
        raise PatientMissing("Пациент не записан. Повторите.", "The patient was not written. Try again.")
    return made


async def change(connection: AsyncConnection, organization_id: int, patient_id: UUID, data: PatientData) -> None:
    """Correct a card. Raises FieldWrong, PatientMissing."""
    values = {"organization_id": organization_id, "id": patient_id, **msgspec.structs.asdict(checked(data))}
    if await (await connection.execute(sql["change_patient"], values)).fetchone() is None:
        await get(connection, organization_id, patient_id)


def checked(data: PatientData, today: dt.date | None = None) -> PatientData:
    """The card as it is stored: spaces trimmed, numbers as digits, empty fields None. Raises FieldWrong."""
    card = msgspec.structs.replace(
        data,
        surname=_name(data.surname, "surname"),
        given_name=_name(data.given_name, "given_name"),
        patronymic=_trimmed(data.patronymic, "patronymic"),
        snils=ungrouped(data.snils or "") or None,
        enp=ungrouped(data.enp or "") or None,
        phone=_trimmed(data.phone, "phone"),
        address=_trimmed(data.address, "address"),
    )
    if card.snils is not None and not is_valid_snils(card.snils):
        raise FieldWrong(
            "snils",
            "СНИЛС неверен: нужно 11 цифр с правильным контрольным числом. Сверьте его с документом.",
            "The SNILS is wrong: 11 digits with the right check number are needed. Compare it with the document.",
        )
    if card.enp is not None and not is_valid_enp(card.enp):
        raise FieldWrong(
            "enp",
            "Номер полиса (ЕНП) неверен: нужно 16 цифр с правильной контрольной цифрой. Сверьте его с полисом.",
            "The policy number (ENP) is wrong: 16 digits with the right check digit are needed. Compare it.",
        )
    if not OLDEST_BIRTH <= card.birth_date <= (today or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)):
        raise FieldWrong(
            "birth_date",
            "Дата рождения вне разумных пределов. Проверьте год.",
            "The date of birth is out of reason. Check the year.",
        )
    if card.sex not in (1, 2, 3):
        raise FieldWrong("sex", "Укажите пол.", "Choose the sex.")
    return card


async def _rows(connection: AsyncConnection, name: str, values: dict[str, object]) -> list[Patient]:
    return await find_structs(connection, Patient, sql[name], values)


def _trimmed(text: str | None, field: str) -> str | None:
    found = tidy(text or "")
    if len(found) > LONGEST[field]:
        raise FieldWrong(
            field,
            f"Слишком длинное значение: символов {len(found)}, допускается до {LONGEST[field]}. Сократите его.",
            f"The value is too long: {len(found)} characters, at most {LONGEST[field]} are taken. Shorten it.",
        )
    return found or None


def _name(text: str, field: str) -> str:
    found = _trimmed(text, field)
    if found is None:
        raise FieldWrong(field, "Фамилия и имя обязательны.", "Surname and given name are needed.")
    return found
