"""What a subscription says of itself in its comment: that a repair was cut short, or whose rows its target has."""

import re

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.topology.links import Link

QUERIES = load(__package__)
UNFINISHED = "trustmed: resync unfinished"
_WHOLE = re.compile(r"trustmed: whole by slot (\S+?)(?:; rows of ([\d, ]+))?")


def whole(link: Link, slot: str) -> str:
    """The mark of a link whose target has all that its publication carries and goes on from `slot`."""
    rows = "; rows of " + ", ".join(map(str, link.chosen)) if link.chosen else ""
    return f"trustmed: whole by slot {slot}{rows}"


def is_whole(comment: str | None, slot: str | None) -> bool:
    """False for what an interrupted repair left, for a subscription made by hand, for a slot put in by hand."""
    mark = _WHOLE.fullmatch(comment or "")
    return mark is not None and mark[1] == slot


def organizations_of(comment: str | None) -> tuple[int, ...]:
    """Whose rows the target has, by the mark; none where rows are not chosen."""
    mark = _WHOLE.fullmatch(comment or "")
    return tuple(int(number) for number in mark[2].split(",")) if mark and mark[2] else ()


def subscription_comment(target: psycopg.Connection, oid: int) -> str | None:
    """The mark a subscription bears; `target` is connected to the subscription's own database."""
    row = target.execute(QUERIES["subscription_mark"], {"subscription": oid}).fetchone()
    return row[0] if row else None


def set_mark(target: psycopg.Connection, link: Link, mark: str | None) -> None:
    target.execute(sql.SQL("comment on subscription {} is {}").format(sql.Identifier(link.name), sql.Literal(mark)))
