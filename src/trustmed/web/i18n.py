"""Texts in Russian and English. They are written in Russian; a room's `locale/en.po` holds the English.

The language of a request is that of its cookie, else of the account, else of the browser; a context variable holds it.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from importlib.resources import files
from typing import Final, Literal

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

Language = Literal["ru", "en"]
COOKIE: Final = "trustmed_language"
current: ContextVar[Language] = ContextVar("language", default="ru")

_english: dict[str, str] = {}


def read_catalogue(package: str) -> Catalog:
    """Read the English catalogue of a room."""
    with (files(package) / "locale" / "en.po").open("rb") as stream:
        return read_po(stream, locale="en")


def install(packages: Iterable[str]) -> None:
    """Add the English texts of these rooms to those already known."""
    for package in packages:
        for message in read_catalogue(package):
            if message.id and isinstance(message.id, str) and message.string:
                _english[message.id] = str(message.string)


def gettext(text: str) -> str:
    """Return `text` in the request's language; a text without a translation stays Russian."""
    return text if current.get() == "ru" else _english.get(text, text)


def ngettext(one: str, many: str, count: int) -> str:
    """Choose between two texts, as Jinja requires; our own texts are worded so that they need no plural."""
    return gettext(one if count == 1 else many)


def choose(cookie: str | None, account: str | None, accept_language: str | None) -> Language:
    """Return the first of the three that names a language we have, Russian if none does."""
    for wish in (cookie, account, *_accepted(accept_language or "")):
        if wish == "ru" or wish == "en":
            return wish
    return "ru"


def _accepted(header: str) -> list[str]:
    """Return the language codes of an Accept-Language header, the preferred first."""
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:200].split(",")):
        code, _, parameter = part.strip().partition(";")
        weight = parameter.strip().removeprefix("q=")
        number = float(weight) if weight.replace(".", "", 1).isascii() and weight.replace(".", "", 1).isdigit() else 1.0
        weighted.append((-number, place, code.strip().lower()[:2]))
    return [code for _, _, code in sorted(weighted)]


def by_language(ru: str, en: str) -> str:
    """Return the text in the request's language. This is for texts that are data and so not in a catalogue."""
    return ru if current.get() == "ru" else en
