"""The caller: a person of the index, or somebody it does not know, as the operator typed them."""

import datetime as dt

import msgspec

from trustmed.matching.spelling.contacts import phones
from trustmed.patient.identifiers import is_valid_snils
from trustmed.patient.writing import ungrouped
from trustmed.region.booking.errors import CallerUnnamed
from trustmed.region.booking.model import Caller
from trustmed.region.callcentre.errors import BirthAhead, PhoneWrong, SnilsWrong
from trustmed.region.persons.model import Person
from trustmed.region.persons.typed import card_of_typed

TYPED = ("surname", "given_name", "patronymic", "birth_date", "snils", "phone")
"""The fields of a caller whom the index does not know: they travel in forms, never in addresses."""


class CallerEntry(msgspec.Struct, frozen=True):
    """The caller, the address of their page, and what was typed if the index does not know them."""

    caller: Caller
    typed: dict[str, str]

    @property
    def path(self) -> str:
        return f"/booking/{self.caller.person_id or 'new'}"

    @property
    def is_known(self) -> bool:
        return self.caller.person_id is not None


def entry_of_person(person: Person) -> CallerEntry:
    """Return a person of the index as a caller. Without a name or birth date nothing can be booked for them."""
    values = {field: golden.value for field, golden in person.golden.items()}
    birth_date = values.get("birth_date")
    caller = Caller(
        person.id,
        values.get("surname", ""),
        values.get("given_name", ""),
        values.get("patronymic"),
        dt.date.fromisoformat(birth_date) if birth_date else None,
        values.get("snils"),
        _phone_or_none(values.get("phone")),
    )
    return CallerEntry(caller, {})


def entry_of_typed(given: dict[str, str]) -> CallerEntry:
    """Return the caller that was typed into a form.

    Raises CallerUnnamed, BirthDateWrong, BirthAhead, SnilsWrong, PhoneWrong.
    """
    typed = {name: given.get(name, "") for name in TYPED}
    if not all(typed[name] for name in ("surname", "given_name", "birth_date")):
        raise CallerUnnamed
    card = card_of_typed(typed)
    if card.birth_date > dt.datetime.now().astimezone().date():
        raise BirthAhead
    snils = ungrouped(typed["snils"]) or None
    if snils and not is_valid_snils(snils):
        raise SnilsWrong
    caller = Caller(
        None, card.surname, card.given_name, card.patronymic, card.birth_date, snils, _phone(typed["phone"])
    )
    return CallerEntry(caller.named(), typed)


def _phone(text: str) -> str | None:
    """Return +7 and ten digits, or + and the whole foreign number, however it was dictated. Raises PhoneWrong."""
    if not text:
        return None
    digits = "".join(c for c in text if "0" <= c <= "9")
    if text.startswith("+") and not digits.startswith("7"):
        if 8 <= len(digits) <= 15:  # E.164 allows 15 digits
            return f"+{digits}"
        raise PhoneWrong
    found = [phone for phone in phones(text) if len(phone) == 10]
    if len(found) != 1:
        raise PhoneWrong
    return f"+7{found[0]}"


def _phone_or_none(text: str | None) -> str | None:
    """Return the phone of a golden record, or None: clinics may have written anything there."""
    try:
        return _phone(text or "")
    except PhoneWrong:
        return None
