"""The mark in a subscription's comment: a repair was cut short, or the target has all rows of certain organisations."""

import re

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.db.rows import find_value
from trustmed.topology.links import Link

QUERIES = load(__package__)
UNFINISHED = "trustmed: resync unfinished"
_WHOLE = re.compile(r"trustmed: whole by slot (\S+?)(?:; rows of ([\d, ]+))?")


def whole_mark(link: Link, slot: str) -> str:
    """Return the mark of a link whose target has all that the publication carries and goes on from `slot`."""
    organizations = link.filtered_organizations
    rows = "; rows of " + ", ".join(map(str, organizations)) if organizations else ""
    return f"trustmed: whole by slot {slot}{rows}"


def is_whole_mark(comment: str | None, slot: str | None) -> bool:
    """Return False for a repair that was interrupted, and for a subscription or a slot made by hand."""
    mark = _WHOLE.fullmatch(comment or "")
    return mark is not None and mark[1] == slot


def organizations_in_mark(comment: str | None) -> tuple[int, ...]:
    """Return the organisations whose rows the target has; none where the link does not choose rows."""
    mark = _WHOLE.fullmatch(comment or "")
    return tuple(int(number) for number in mark[2].split(",")) if mark and mark[2] else ()


def subscription_comment(target: psycopg.Connection, oid: int) -> str | None:
    """Return the mark of a subscription. `target` is connected to the subscription's own database."""
    return find_value(target, QUERIES["subscription_mark"], {"subscription": oid})


def set_mark(target: psycopg.Connection, link: Link, mark: str | None) -> None:
    target.execute(sql.SQL("comment on subscription {} is {}").format(sql.Identifier(link.name), sql.Literal(mark)))
