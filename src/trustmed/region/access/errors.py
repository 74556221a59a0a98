"""Refusals that a reader of persons' rows may get."""

from trustmed.errors import Forbidden


class GroundRefused(Forbidden):
    """No ground opens the record to this reader; the text says which would."""
