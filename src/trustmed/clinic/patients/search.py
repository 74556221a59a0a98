"""Parse the search line: a name, СНИЛС, policy number or date of birth, in any form people type them."""

import datetime as dt
import re

from trustmed.clinic.patients.model import Wish
from trustmed.patient.writing import tidy, ungrouped

DATE = re.compile(r"\b(?:(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2}))\b", re.ASCII)
NUMBER = re.compile(r"\d+", re.ASCII)
SNILS_DIGITS = 11
ENP_DIGITS = 16
LONGEST = 200  # characters of a search line; the rest is ignored


def parse_line(line: str) -> Wish:
    """Return what `line` asks for; an empty line asks for everybody."""
    line = tidy(line)[:LONGEST]
    digits = ungrouped(line)
    if NUMBER.fullmatch(digits) and len(digits) == SNILS_DIGITS:
        return Wish(snils=digits)
    if NUMBER.fullmatch(digits) and len(digits) == ENP_DIGITS:
        return Wish(enp=digits)
    found = DATE.search(line)
    day = _day(found) if found else None
    if found is None or day is None:
        return Wish(prefix=fold(line))
    return Wish(prefix=fold(" ".join((line[: found.start()] + " " + line[found.end() :]).split())), birth_date=day)


def fold(name: str) -> str:
    """Return the name as a sort key begins: small letters, ё as е."""
    return name.lower().replace("ё", "е")


def bounds(prefix: str) -> tuple[str, str]:
    """Return the range of sort keys that begin with `prefix`: from the first, below the second."""
    return prefix, prefix + "\U0010ffff"


def _day(found: re.Match[str]) -> dt.date | None:
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    try:
        return dt.date(int(year or iso_year), int(month or iso_month), int(day or iso_day))
    except ValueError:
        return None
