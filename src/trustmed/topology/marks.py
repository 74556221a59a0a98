"""What a subscription says of itself in its comment: that a repair was cut short, or whose rows its target has."""

import re

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.topology.links import Link

QUERIES = load(__package__)
UNFINISHED = "trustmed: resync unfinished"
_ROWS = "trustmed: rows of "


def whole(link: Link) -> str | None:
    """The mark of a link whose target has all that its publication carries; None where rows are not chosen."""
    return _ROWS + ", ".join(map(str, link.chosen)) if link.chosen else None


def organizations_of(comment: str | None) -> tuple[int, ...]:
    """Whose rows the target has, by the mark."""
    if comment is None or not comment.startswith(_ROWS):
        return ()
    return tuple(int(number) for number in re.findall(r"\d+", comment))


def subscription_comment(target: psycopg.Connection, oid: int) -> str | None:
    """The mark a subscription bears; `target` is connected to the subscription's own database."""
    row = target.execute(QUERIES["subscription_mark"], {"subscription": oid}).fetchone()
    return row[0] if row else None


def set_mark(target: psycopg.Connection, link: Link, mark: str | None) -> None:
    target.execute(sql.SQL("comment on subscription {} is {}").format(sql.Identifier(link.name), sql.Literal(mark)))
