"""Understanding the search line: name, СНИЛС, policy number, day of birth, in whatever form they are typed."""

import datetime as dt
import re

from trustmed.clinic.patients.model import Wanted
from trustmed.patient.writing import tidy, ungrouped

DATE = re.compile(r"\b(?:(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2}))\b", re.ASCII)
NUMBER = re.compile(r"\d+", re.ASCII)


def understand(line: str) -> Wanted:
    """What `line` asks for; an empty line asks for everybody."""
    line = tidy(line)[:200]
    digits = ungrouped(line)
    if NUMBER.fullmatch(digits) and len(digits) == 11:
        return Wanted(snils=digits)
    if NUMBER.fullmatch(digits) and len(digits) == 16:
        return Wanted(enp=digits)
    found = DATE.search(line)
    day = _day(found) if found else None
    if found is None or day is None:
        return Wanted(prefix=fold(line))
    return Wanted(prefix=fold(" ".join((line[: found.start()] + " " + line[found.end() :]).split())), birth_date=day)


def fold(name: str) -> str:
    """As the sort key begins: small letters, ё as е."""
    return name.lower().replace("ё", "е")


def bounds(prefix: str) -> tuple[str, str]:
    """The range of sort keys that begin with `prefix`: from the first, below the second."""
    return prefix, prefix + "\U0010ffff"


def _day(found: re.Match[str]) -> dt.date | None:
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    try:
        return dt.date(int(year or iso_year), int(month or iso_month), int(day or iso_day))
    except ValueError:
        return None
