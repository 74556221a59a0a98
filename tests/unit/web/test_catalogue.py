"""Every text of the pages has an English translation."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from trustmed.region.links.pages import PLACES
from trustmed.web.i18n import read_catalogue

SOURCE = Path(str(files("trustmed")))
ROOMS = [".".join(("trustmed", *path.relative_to(SOURCE).parts[:-2])) for path in sorted(SOURCE.rglob("locale/en.po"))]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
CYRILLIC = re.compile("[А-Яа-яЁё]")
TEXT_OR_COMMENT = re.compile(r"""\b_\((["']).+?\1|\{#.*?#\}""", re.DOTALL)
TEXTS_OF_VARIABLES = {"trustmed.region.links": {*PLACES.values()}}
"""Texts translated through a variable, which extraction from the source cannot find."""


@cache
def texts(room: str) -> set[str]:
    found = extract_from_dir(SOURCE.parent.joinpath(*room.split(".")), METHODS, keywords={"_": None, "gettext": None})
    return {message[2] for message in found if isinstance(message[2], str)} | TEXTS_OF_VARIABLES.get(room, set())


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_an_english_translation(room: str) -> None:
    known = {message.id: message.string for source in {room, "trustmed.web"} for message in read_catalogue(source)}
    assert texts(room)
    assert {text for text in texts(room) if not known.get(text)} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_translations_hold_no_russian_and_no_unused_texts(room: str) -> None:
    catalogue = [message for message in read_catalogue(room) if message.id]
    assert [message.id for message in catalogue if CYRILLIC.search(str(message.string))] == []
    assert [message.id for message in catalogue if message.id not in texts(room)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_templates_hold_no_text_outside_the_catalogue(room: str) -> None:
    for path in SOURCE.parent.joinpath(*room.split(".")).rglob("*.html"):
        assert not CYRILLIC.search(TEXT_OR_COMMENT.sub("", path.read_text("utf-8"))), path.name


def test_rooms_are_found() -> None:
    assert {"trustmed.web", "trustmed.clinic", "trustmed.region.links", "trustmed.region.steward"} <= set(ROOMS)
