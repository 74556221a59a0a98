"""Every Russian text of the region's pages has its English."""

import re
from importlib.resources import files

import pytest

from trustmed.region.links.pages import PLACES, STATES
from trustmed.web.i18n import read_catalogue

ASKED = re.compile(r"""_\((["'])(.+?)\1\)""")
TEMPLATES = sorted((files("trustmed.region.links") / "templates").iterdir(), key=lambda item: item.name)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda item: item.name)
def test_a_templates_texts_are_translated(template):
    known = {message.id for package in ("trustmed.web", "trustmed.region.links") for message in read_catalogue(package)}
    texts = {text for _, text in ASKED.findall(template.read_text("utf-8"))}
    assert texts
    assert texts - known == set()


def test_states_and_places_are_translated():
    known = {message.id for message in read_catalogue("trustmed.region.links") if message.string}
    assert {*STATES.values(), *PLACES.values(), "Обзор", "Документы"} - known == set()


def test_no_russian_is_left_outside_of_texts():
    for template in TEMPLATES:
        bare = ASKED.sub("", template.read_text("utf-8"))
        assert re.findall(r"[А-Яа-яё]+", bare) == [], template.name
