"""What a list is narrowed by, as a caller writes it."""

from datetime import datetime

from trustmed.errors import InputRefused
from trustmed.region.registry.model import Narrowing
from trustmed.semd.kinds import USUAL


class MomentRefused(InputRefused):
    """A bound of time that cannot be read."""

    def __init__(self, parameter: str) -> None:
        super().__init__(
            f"Параметр {parameter} неверен: нужно время с поясом, например 2026-11-05T00:00:00Z "
            "(знак + в адресе пишется %2B).",
            f"Parameter {parameter} is wrong: a time with a zone is needed, like 2026-11-05T00:00:00Z "
            "(the sign + is written %2B in an address).",
        )


class KindRefused(InputRefused):
    """A kind of documents that no dictionary can hold."""

    def __init__(self) -> None:
        super().__init__(
            f"Параметр kind неверен: нужен код вида документа, например {USUAL.number}.",
            f"Parameter kind is wrong: the code of a kind of documents is needed, like {USUAL.number}.",
        )


def narrowing_of(kind: str | None, since: str | None, before: str | None) -> Narrowing:
    """Return the filter that parameters kind, from and to make. Raises KindRefused, MomentRefused."""
    if kind is not None and not kind.isprintable():
        raise KindRefused
    return Narrowing(kind, _moment("from", since), _moment("to", before))


def _moment(parameter: str, text: str | None) -> datetime | None:
    """Return the moment; without a zone it is in the region's own."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo is not None else moment.astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise MomentRefused(parameter) from error
