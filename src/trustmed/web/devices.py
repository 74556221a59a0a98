"""Name a browser and its system for the list of one's own sessions."""

from typing import Final

BROWSERS: Final = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""The first that a User-Agent mentions: most browsers also claim to be those below them."""
SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
LONGEST: Final = 60


def words_of(user_agent: str | None) -> str | None:
    """Return "Firefox, Windows" for a browser, the beginning of what a program calls itself, None for nothing."""
    if not user_agent:
        return None
    found = [next((name for mark, name in table if mark in user_agent), None) for table in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in found if name) or user_agent[:LONGEST]
