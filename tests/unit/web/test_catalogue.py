"""Every text of the pages has its English."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from trustmed.web.i18n import read_catalogue

ROOMS = [
    name
    for name in (
        *("trustmed.web", "trustmed.clinic"),
        *("trustmed.region.nsi", "trustmed.region.callcentre", "trustmed.region.disclosures", "trustmed.region.record"),
        "trustmed.region.persons",
    )
    if (files(name) / "locale" / "en.po").is_file()
]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
CYRILLIC = re.compile("[А-Яа-яЁё]")


@cache
def texts(room: str) -> set[str]:
    found = extract_from_dir(Path(str(files(room))), METHODS, keywords={"_": None, "gettext": None})
    return {message[2] for message in found if isinstance(message[2], str)}


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_its_english(room: str) -> None:
    known = {message.id: message.string for source in {room, "trustmed.web"} for message in read_catalogue(source)}
    assert texts(room)
    assert {text for text in texts(room) if not known.get(text)} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_english_is_english(room: str) -> None:
    catalogue = [message for message in read_catalogue(room) if message.id]
    assert [message.id for message in catalogue if CYRILLIC.search(str(message.string))] == []
    assert [message.id for message in catalogue if message.id not in texts(room)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_templates_say_nothing_outside_the_catalogue(room: str) -> None:
    for path in Path(str(files(room))).rglob("*.html"):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not CYRILLIC.search(bare), path.name
