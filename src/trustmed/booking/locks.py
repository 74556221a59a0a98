"""How either side books: under locks taken in one order, by statements planned once a connection."""

from typing import Final, LiteralString

from trustmed.db.queries import load

_QUERIES = load(__package__)
HOLD: Final[LiteralString] = _QUERIES["hold"]
PLAN_ONCE: Final[LiteralString] = _QUERIES["plan_once"]
