"""Which role each column has, whether or not the passport says so."""

import pytest

from trustmed.region.nsi.files.columns import ColumnChoice, Roles, roles_of
from trustmed.region.nsi.files.passport import Code, Field, Key, Passport
from trustmed.region.nsi.files.refusals import Where

HERE = Where("x")
ICD, UNITS = "1.2.643.5.1.13.13.11.1005", "1.2.643.5.1.13.13.11.1358"


def passport(title: str, *fields: tuple[str, str, str], oid: str = "1.2.3", keys: str = "ID") -> Passport:
    described = tuple(Field(name, kind, alias) for name, kind, alias in fields)
    return Passport(oid, "1.1", title, described, (Key(keys, "PRIMARY"),))


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (passport("Виды", ("ID", "INTEGER", "Код"), ("S_NAME", "VARCHAR", "S_NAME")), "S_NAME"),
        (
            passport(
                "Субъекты Российской Федерации",
                *(("ID", "INTEGER", "Код"), ("CODE_OKATO", "VARCHAR", "Код региона по ОКАТО")),
                *(("STATUS", "VARCHAR", "Конституционно-правовой статус"), ("SUBJECT", "VARCHAR", "Субъекты РФ")),
            ),
            "SUBJECT",
        ),
        (
            passport(
                "Виды единиц",
                *(("SHORT", "VARCHAR", "Краткое наименование"), ("FULL", "VARCHAR", "Полное наименование")),
                ("ID", "VARCHAR", "Уникальный идентификатор"),
            ),
            "FULL",
        ),
        (passport("Периоды", ("Period", "VARCHAR", "Срок"), ("ID", "INTEGER", "Код")), "Period"),
        (passport("Числа", ("ID", "INTEGER", "Код"), ("N", "INTEGER", "Число")), "ID"),
    ],
)
def test_the_name_column_is_found_and_noted(sample: Passport, name: str) -> None:
    roles, notes = roles_of(sample, sample.columns, ColumnChoice(), HERE)
    assert roles.name == name
    assert name in notes[0][0]
    assert name in notes[0][1]


def test_the_code_of_an_exception_is_another_column_unless_one_is_named() -> None:
    columns = (("ID", "INTEGER", ""), ("MKB_CODE", "VARCHAR", ""), ("NAME", "VARCHAR", ""))
    icd = passport("МКБ-10", *columns, oid=ICD)
    assert roles_of(icd, icd.columns, ColumnChoice(), HERE)[0] == Roles("ID", "MKB_CODE", "NAME")
    assert roles_of(icd, icd.columns, ColumnChoice(code="ID"), HERE)[0].code == "ID"


def test_an_exception_is_found_by_the_dictionarys_alias_too() -> None:
    sample = Passport(
        *("1.2.3", "1.1", "Единицы"),
        (Field("ID"), Field("FULLNAME"), Field("PRINTNAME")),
        (Key("ID", "PRIMARY"),),
        (Code(UNITS),),
    )
    assert roles_of(sample, sample.columns, ColumnChoice(), HERE)[0].name == "PRINTNAME"


def test_an_exception_without_its_column_is_ignored() -> None:
    sample = passport("МКБ-10", ("ID", "INTEGER", ""), ("NAME", "VARCHAR", ""), oid=ICD)
    assert roles_of(sample, sample.columns, ColumnChoice(), HERE)[0].code == "ID"
