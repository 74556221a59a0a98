"""The terms of a comparison: fields, levels of likeness, conflicts and scores."""

from enum import StrEnum

import msgspec


class Field(StrEnum):
    """The compared fields, in the order in which people read them."""

    SURNAME = "surname"
    GIVEN_NAME = "given_name"
    PATRONYMIC = "patronymic"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    SNILS = "snils"
    ENP = "enp"
    DOCUMENT = "document"
    PHONE = "phone"
    ADDRESS = "address"


class Level(StrEnum):
    """How alike two values of a field are."""

    EXACT = "exact"
    VARIANT = "variant"  # another form of one name: Саша for Александр, Ильинишна for Ильинична
    ALIKE = "alike"  # sounds the same, or one slip of the keyboard apart; an address written in another way
    NEAR = "near"  # more than one slip apart, still likely the same
    PART = "part"  # one half of a double surname; two of day, month and year; the same house
    INITIAL = "initial"  # И. for Иван
    SWAPPED = "swapped"  # two values in each other's place: surname and given name, day and month
    SLIP = "slip"  # a number or a date that differs by one digit, or by two swapped digits
    ROUND = "round"  # the same year, and a first of January that may be made up
    DIFFERS = "differs"
    DIFFERS_WOMAN = "differs_woman"  # a woman's surname, which marriage changes
    MISSING = "missing"
    SHARED = "shared"  # a value that many have, which says nothing


class Conflict(StrEnum):
    """A reason not to link without a steward's decision, however high the weight."""

    OTHER_SNILS = "other_snils"
    OTHER_ENP = "other_enp"
    OTHER_GIVEN_NAME = "other_given_name"  # twins, brothers and sisters
    OTHER_BIRTH_DATE = "other_birth_date"  # namesakes
    OTHER_GENERATION = "other_generation"  # father and son of one name
    BORROWED_IDENTIFIER = "borrowed_identifier"  # a child under the mother's number
    NO_NAME = "no_name"  # a newborn, an unknown person


class FieldScore(msgspec.Struct, frozen=True):
    """How alike two values of a field are, and how much that weighs in bits. The values themselves are in the rows."""

    field: Field
    level: Level
    weight: float


class Comparison(msgspec.Struct, frozen=True):
    """Two records compared: `weight` is in bits, prior included; 0 is even odds, 6.6 is 99 to 1."""

    weight: float
    fields: tuple[FieldScore, ...]
    conflicts: tuple[Conflict, ...] = ()
