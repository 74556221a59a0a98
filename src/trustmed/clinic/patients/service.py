"""Find, register and correct patients. Every function works within a tenant's transaction."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.clinic.patients.model import Found, Patient, PatientData
from trustmed.clinic.patients.search import bounds, parse_line
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
"""Characters. PostgreSQL limits an index entry to 2.7 KB, and one holds the three parts of a name twice."""


class PatientMissing(NotFound):
    """No such patient in this organisation."""


class FieldWrong(InputRefused):
    """A field of the patient's card is not acceptable; `field` is its name."""

    def __init__(self, field: str, ru: str, en: str) -> None:
        super().__init__(ru, en)
        self.field = field


async def find(
    connection: AsyncConnection, organization_id: int, line: str, after: UUID | None = None, limit: int = PAGE
) -> Found:
    """Return a page of the patients a search line asks for, in Russian order."""
    wish = parse_line(line)
    values: dict[str, object] = {"organization_id": organization_id, "limit": limit + 1}
    if wish.snils is not None:
        rows = await _rows(connection, "find_by_snils", {**values, "snils": wish.snils})
    elif wish.enp is not None:
        rows = await _rows(connection, "find_by_enp", {**values, "enp": wish.enp})
    else:
        low, high = bounds(wish.prefix)
        if after is not None:
            low = (await get(connection, organization_id, after)).sort_key
        values |= {"low": low, "high": high, "after": after or FIRST, "birth_date": wish.birth_date}
        name = "find_by_name" if wish.birth_date is None else "find_by_name_and_birth_date"
        rows = await _rows(connection, name, values)
    return Found(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


async def get(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> Patient:
    """Return a patient. Raises PatientMissing, also for another organisation's patient."""
    rows = await _rows(connection, "find_patient", {"organization_id": organization_id, "id": patient_id})
    if not rows:
        raise PatientMissing(
            "Такого пациента в вашей организации нет. Найдите его поиском или зарегистрируйте.",
            "There is no such patient in your organisation. Search for the patient or register a new one.",
        )
    return rows[0]


async def register(connection: AsyncConnection, organization_id: int, data: PatientData) -> UUID:
    """Add a card; return its id. Raises FieldWrong."""
    values = {"organization_id": organization_id, **msgspec.structs.asdict(clean_card(data))}
    patient_id = await find_value(connection, sql["add_patient"], values)
    if patient_id is None:
        raise PatientMissing("Карта не сохранена. Повторите.", "The card was not saved. Try again.")
    return patient_id


async def change(connection: AsyncConnection, organization_id: int, patient_id: UUID, data: PatientData) -> None:
    """Correct a card. Raises FieldWrong, PatientMissing."""
    values = {"organization_id": organization_id, "id": patient_id, **msgspec.structs.asdict(clean_card(data))}
    if await (await connection.execute(sql["change_patient"], values)).fetchone() is None:
        await get(connection, organization_id, patient_id)


def clean_card(data: PatientData, today: dt.date | None = None) -> PatientData:
    """Return the card as it is stored: spaces trimmed, numbers as digits, empty fields None. Raises FieldWrong."""
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
            "Такой даты рождения быть не может. Проверьте год.",
            "The date of birth is not possible. Check the year.",
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
