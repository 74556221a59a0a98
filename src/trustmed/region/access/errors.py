"""What a reader of persons' rows may be refused."""

from trustmed.errors import Forbidden


class GroundRefused(Forbidden):
    """Nothing opens the record to this reader; says what would."""
