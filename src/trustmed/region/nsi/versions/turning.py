"""Choose the version that a publication or a rollback puts in force."""

from collections.abc import Iterable, Sequence

from trustmed.region.nsi.order import in_order
from trustmed.region.nsi.versions.errors import AlreadyInForce, NothingBefore, VersionUnknown
from trustmed.region.nsi.versions.model import Publication


def to_publish(oid: str, held: Iterable[str], current: str | None, wanted: str | None) -> str:
    """Return the version to publish: `wanted`, or the newest held. Raises VersionUnknown, AlreadyInForce."""
    versions = tuple(held)
    version = wanted or max(versions, key=in_order, default="")
    if version not in versions:
        raise VersionUnknown(oid, version or "—")
    if version == current:
        raise AlreadyInForce(oid, version)
    return version


def to_roll_back(oid: str, turns: Sequence[Publication]) -> str:
    """Return the version published before the one in force; a rollback undoes a publication. Raises NothingBefore."""
    stack = [turn.before_version for turn in turns[:1] if turn.before_version is not None]
    for turn in turns:
        if turn.kind == "published":
            stack.append(turn.version)
        else:
            stack = stack[:-1]
    if len(stack) < 2:
        raise NothingBefore(oid)
    return stack[-2]
