"""The reason a person types for an emergency access ("break-glass"); it must make sense to a reader of the trail."""

from typing import Final

from trustmed.patient.writing import tidy

SHORTEST_REASON: Final = 10
"""Letters."""
LONGEST_REASON: Final = 1000
"""Characters."""


def emergency_reason(said: str) -> str | None:
    """Return the reason, tidied; None if it is too short to make sense or too long to be stored whole."""
    words = tidy(said)
    is_understood = sum(map(str.isalpha, words)) >= SHORTEST_REASON
    return words if is_understood and len(words) <= LONGEST_REASON else None
