"""Every Russian text of the region's pages has its English."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from trustmed.region.links.pages import PLACES
from trustmed.web.i18n import read_catalogue

ASKED = re.compile(r"""_\((["'])(.+?)\1\)""")
ROOMS = ("trustmed.region.links", "trustmed.region.steward")
TEMPLATES = [
    item for room in ROOMS for item in sorted((files(room) / "templates").iterdir(), key=lambda item: item.name)
]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda item: item.name)
def test_a_templates_texts_are_translated(template):
    known = {message.id for package in ("trustmed.web", *ROOMS) for message in read_catalogue(package)}
    texts = {text for _, text in ASKED.findall(template.read_text("utf-8"))}
    assert texts
    assert texts - known == set()


def test_what_the_stewards_pages_say_in_code_is_translated():
    source = Path(str(files("trustmed.region.steward")))
    found = extract_from_dir(source, [("**.py", "python"), ("**.html", "jinja2")], keywords={"_": None})
    texts = {message[2] for message in found}
    known = {
        str(message.id): str(message.string) for message in read_catalogue("trustmed.region.steward") if message.id
    }
    assert texts - known.keys() == set()
    assert known.keys() - texts - {"Очередь", "Люди"} == set()
    assert [english for english in known.values() if re.search("[А-Яа-яЁё]", english)] == []


def test_places_are_translated():
    known = {message.id for message in read_catalogue("trustmed.region.links") if message.string}
    assert {*PLACES.values(), "Обзор", "Документы"} - known == set()


def test_no_russian_is_left_outside_of_texts():
    for template in TEMPLATES:
        bare = ASKED.sub("", template.read_text("utf-8"))
        assert re.findall(r"[А-Яа-яё]+", bare) == [], template.name
