"""The typed reason of an emergency access ("break-glass"): words that whoever reads the trail would understand."""

from typing import Final

from trustmed.patient.writing import tidy

SHORTEST_REASON: Final = 10
"""Letters."""
LONGEST_REASON: Final = 1000
"""Characters."""


def emergency_reason(said: str) -> str | None:
    """The reason, tidied; None if it is too short to be understood or too long to be kept whole."""
    words = tidy(said)
    is_understood = sum(map(str.isalpha, words)) >= SHORTEST_REASON
    return words if is_understood and len(words) <= LONGEST_REASON else None
