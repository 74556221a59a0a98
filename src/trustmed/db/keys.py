"""Keys that bear their time."""

from uuid import UUID


def least_key(moment: float) -> UUID:
    """The least UUIDv7 of a moment, in seconds since 1970 (RFC 9562: 48 bits of milliseconds first)."""
    return UUID(int=int(moment * 1000) << 80)
