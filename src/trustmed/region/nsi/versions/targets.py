"""Choose the version that a publication or a rollback puts in force."""

from collections.abc import Iterable, Sequence

from trustmed.region.nsi.order import version_order
from trustmed.region.nsi.versions.errors import AlreadyInForce, NothingBefore, VersionUnknown
from trustmed.region.nsi.versions.model import Publication


def publication_target(oid: str, held: Iterable[str], current: str | None, chosen: str | None) -> str:
    """Return the version to publish: `chosen`, or the newest held. Raises VersionUnknown, AlreadyInForce."""
    versions = tuple(held)
    version = chosen or max(versions, key=version_order, default="")
    if version not in versions:
        raise VersionUnknown(oid, version or "—")
    if version == current:
        raise AlreadyInForce(oid, version)
    return version


def rollback_target(oid: str, publications: Sequence[Publication]) -> str:
    """Return the version published before the one in force; a rollback undoes a publication. Raises NothingBefore."""
    in_force = [one.before_version for one in publications[:1] if one.before_version is not None]
    for one in publications:
        if one.kind == "published":
            in_force.append(one.version)
        else:
            in_force = in_force[:-1]
    if len(in_force) < 2:
        raise NothingBefore(oid)
    return in_force[-2]
