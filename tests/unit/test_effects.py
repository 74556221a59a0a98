"""An effect that nobody lists or a table that nobody watches would fail silently: only these tests notice it."""

import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module

from trustmed import region
from trustmed.feed.effect import Effect
from trustmed.programs.feed import EFFECTS
from trustmed.topology.watched import WATCHED


def effects_defined() -> Iterator[Effect]:
    """Yield every effect that a module of the region defines, alone or in a tuple."""
    for module in pkgutil.walk_packages(region.__path__, f"{region.__name__}."):
        for value in vars(import_module(module.name)).values():
            members: Iterable[object] = value if isinstance(value, tuple) else (value,)
            yield from (one for one in members if isinstance(one, Effect))


def test_every_effect_is_in_the_feed() -> None:
    assert {one.name for one in effects_defined()} == {one.name for one in EFFECTS}


def test_every_effect_has_a_name_of_its_own() -> None:
    names = [one.name for one in EFFECTS]
    assert len(set(names)) == len(names)


def test_tables_that_effects_need_are_watched() -> None:
    unwatched = {(one.name, table) for one in EFFECTS for table in one.tables - set(WATCHED[one.place])}
    assert not unwatched
