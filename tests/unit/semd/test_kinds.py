"""A kind of document is one file, consistent in itself and known to no other file."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.kind_sample import NOTE, Note
from tests.semd_samples import LEAST, ROWS, with_patient

from trustmed.semd.cda.read import header, parse_safely
from trustmed.semd.cda.vocabulary import required
from trustmed.semd.document import Dossier
from trustmed.semd.fields.field import fields_of
from trustmed.semd.fields.payment import PaidForm
from trustmed.semd.kind import Kind, body_of, build, chosen, lacks, rows_of
from trustmed.semd.kinds import KINDS, KindUnknown, find_kind, find_kind_of_template
from trustmed.semd.refusals import DossierIncomplete, FieldRefused
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words

SOURCE = Path(str(files("trustmed")))
NUMBERS = re.compile(rf"\b({'|'.join(KINDS)})\b")
CYRILLIC = re.compile("[А-Яа-яЁё]")
ALL = (*KINDS.values(), NOTE)
each_kind = pytest.mark.parametrize("kind", ALL, ids=[kind.number for kind in ALL])


def files_without_kinds() -> Iterator[Path]:
    """Yield the files that must know no kind: all but the kinds themselves and the demo, which shows one."""
    own = (SOURCE / "semd" / "kinds", SOURCE / "demo")
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".py", ".html", ".sql", ".js") and not any(path.is_relative_to(folder) for folder in own):
            yield path


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file, except docstrings and comments, which may tell where a rule is written."""
    if path.suffix != ".py":
        yield path.read_text("utf-8")
        return
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_no_other_file_names_a_kinds_number() -> None:
    assert [
        path.relative_to(SOURCE) for path in files_without_kinds() if any(NUMBERS.search(text) for text in texts(path))
    ] == []


def test_no_other_file_imports_a_kind() -> None:
    files = "|".join(path.stem for path in (SOURCE / "semd" / "kinds").glob("*.py") if path.stem != "__init__")
    direct = re.compile(rf"trustmed\.semd\.kinds\.|from trustmed\.semd\.kinds import .*\b({files})\b")
    assert [
        path for path in files_without_kinds() if path.suffix == ".py" and direct.search(path.read_text("utf-8"))
    ] == []


def test_every_file_of_a_kind_is_in_the_list() -> None:
    kept = {path.stem for path in (SOURCE / "semd" / "kinds").glob("*.py")} - {"__init__"}
    assert {kind.add_body.__module__.rpartition(".")[2] for kind in KINDS.values()} == kept


@each_kind
def test_form_page_and_body_have_the_same_fields(kind: Kind) -> None:
    names = [field.name for field in fields_of(kind.page)]
    assert sorted(names) == sorted(kind.form.__struct_fields__)
    assert set(kind.body.__struct_fields__) <= set(names)
    assert all(re.fullmatch(r"1\.2\.643(\.[0-9]+)+", oid) for oid, _ in chosen(kind, kind.form()))
    assert kind.header.is_paid == issubclass(kind.form, PaidForm)


@each_kind
def test_an_untouched_page_gives_the_empty_form(kind: Kind) -> None:
    values: dict[str, object] = {}
    for field in fields_of(kind.page):
        values |= field.read({})
    assert msgspec.convert(values, kind.form, strict=False) == kind.form()


@each_kind
def test_all_words_are_in_both_languages(kind: Kind) -> None:
    for words in words_of(kind):
        assert CYRILLIC.search(words.ru), words
        assert words.en, words
        assert not CYRILLIC.search(words.en), words


def words_of(value: Any) -> Iterator[Words]:
    if isinstance(value, Words):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from words_of(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from words_of(item)


def test_kinds_have_numbers_and_templates_of_their_own() -> None:
    assert len({kind.header.template for kind in KINDS.values()}) == len(KINDS)
    assert [find_kind(number) for number in KINDS] == list(KINDS.values())
    assert [find_kind_of_template(kind.header.template) for kind in KINDS.values()] == list(KINDS.values())


def test_an_unknown_kind_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(KindUnknown, match="9001") as caught:
        find_kind("9001")
    assert all(number in caught.value.ru for number in KINDS)
    assert find_kind_of_template("1.2.3.9001") is None


def note(**changes: Any) -> Dossier[Note]:
    rows = Rows(ROWS)
    form = body_of(NOTE, msgspec.structs.replace(NOTE.form(), **{"note": "Пришёл и ушёл", **changes}), rows)
    common = {name: getattr(LEAST, name) for name in LEAST.__struct_fields__}
    return Dossier[Note](
        **{**common, "form": form, "payment": None, "dictionaries": required(rows_of(NOTE), rows.find)}
    )


def test_another_kind_is_built_from_the_same_parts() -> None:
    xml = build(NOTE, note())
    found = header(xml)
    assert (found.template, found.code) == ("1.2.3.9001", "41")
    names = [child.tag.rpartition("}")[2] for child in parse_safely(xml)]
    assert names[-1] == "component"
    assert not {"participant", "documentationOf", "componentOf"} & set(names)
    assert "Пришёл и ушёл" in xml.decode()


def test_a_kind_that_needs_no_snils_marks_an_absent_one_as_unknown() -> None:
    nobody = msgspec.structs.replace(note(), patient=with_patient(snils=None).patient)
    assert header(build(NOTE, nobody)).patient_snils is None
    assert b'<id nullFlavor="NI"/>' in build(NOTE, nobody)


def test_a_refusal_names_the_field_as_its_kind_does() -> None:
    with pytest.raises(FieldRefused, match=r"form\.note") as caught:
        build(NOTE, note(note=" "))
    assert "«Заметка»" in caught.value.ru
    with pytest.raises(DossierIncomplete) as unknown:
        note(place="99")
    assert unknown.value.ru.startswith("Где: ")
    assert unknown.value.en.startswith("Where: ")


def test_missing_values_are_listed_by_field() -> None:
    patient = LEAST.patient
    card = type("Card", (), {"snils": patient.snils, "enp": None, "address": "ул. Полевая, 1"})()
    assert [lack.field for lack in lacks(NOTE, NOTE.form(), card, Rows(ROWS))] == ["note"]
