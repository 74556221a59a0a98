"""Filters of a timeline as a caller gives them."""

from collections.abc import Sequence

from trustmed.errors import InputRefused
from trustmed.region.record.event import KINDS, Filters


class FilterRefused(InputRefused):
    """A filter that no event can pass."""

    def __init__(self, name: str, cause_ru: str, cause_en: str) -> None:
        super().__init__(f"Параметр {name} неверен: {cause_ru}.", f"Parameter {name} is wrong: {cause_en}.")


def check_filters(filters: Filters) -> Filters:
    """Return the filters if they make sense. Raises FilterRefused."""
    _check_known("kinds", filters.kinds, KINDS)
    for name, moment in (("since", filters.since), ("before", filters.before)):
        if moment is not None and moment.tzinfo is None:
            raise FilterRefused(name, "нужно время с поясом", "a time with a zone is needed")
    if filters.since and filters.before and filters.since >= filters.before:
        raise FilterRefused("before", "он не позже since", "it is not after since")
    if filters.text is not None and "\x00" in filters.text:
        raise FilterRefused("text", "в нём нулевой символ", "it has a NUL character")
    if any(not 0 < number < 1 << 31 for number in filters.organizations):
        raise FilterRefused("organizations", "нужны номера организаций", "numbers of organisations are needed")
    return filters


def _check_known(name: str, given: Sequence[str], permitted: Sequence[str]) -> None:
    for one in given:
        if one not in permitted:
            words = ", ".join(permitted)
            raise FilterRefused(name, f"допустимы {words}", f"permitted are {words}")
