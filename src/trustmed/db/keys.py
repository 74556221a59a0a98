"""Keys that contain their time."""

from uuid import UUID

_BITS_AFTER_TIME = 128 - 48


def least_key(moment: float) -> UUID:
    """Return the smallest UUIDv7 of a moment given in seconds since 1970 (RFC 9562: 48 bits of milliseconds first)."""
    return UUID(int=int(moment * 1000) << _BITS_AFTER_TIME)
