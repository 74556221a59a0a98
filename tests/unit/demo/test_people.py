"""Generated people are repeatable and their identifiers pass the official checks."""

from itertools import islice

import pytest

from trustmed.demo.content.people import FATHERS, patronymic, people
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils


def test_identifiers_pass_their_check_digits() -> None:
    for someone in islice(people(3), 500):
        assert is_valid_snils(someone.snils), someone
        assert is_valid_enp(someone.enp), someone


def test_the_same_seed_gives_the_same_people() -> None:
    assert list(islice(people(5), 50)) == list(islice(people(5), 50))


def test_seeds_do_not_share_identifiers() -> None:
    first, second = (islice(people(seed), 1000) for seed in (1, 2))
    assert not {someone.snils for someone in first} & {someone.snils for someone in second}


@pytest.mark.parametrize(
    ("father", "son", "daughter"),
    [
        ("Иван", "Иванович", "Ивановна"),
        ("Андрей", "Андреевич", "Андреевна"),
        ("Юрий", "Юрьевич", "Юрьевна"),
        ("Игорь", "Игоревич", "Игоревна"),
        ("Пётр", "Петрович", "Петровна"),
        ("Павел", "Павлович", "Павловна"),
    ],
)
def test_patronymics_are_formed_from_the_fathers_name(father: str, son: str, daughter: str) -> None:
    assert father in FATHERS
    assert (patronymic(father, 1), patronymic(father, 2)) == (son, daughter)
