"""Which version a publication or a rollback puts in force."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.nsi.versions.errors import AlreadyInForce, NothingBefore, VersionUnknown
from trustmed.region.nsi.versions.model import Publication
from trustmed.region.nsi.versions.targets import publication_target, rollback_target

OID = "1.2.3"


def turn(version: str, before: str | None, kind: str = "published") -> Publication:
    return Publication(OID, version, before, datetime.now(UTC), kind, "me", None)


def test_the_newest_is_published_unless_one_is_named() -> None:
    held = ("7.9", "7.10", "2.1")
    assert publication_target(OID, held, None, None) == "7.10"
    assert publication_target(OID, held, "7.10", "2.1") == "2.1"
    with pytest.raises(AlreadyInForce):
        publication_target(OID, held, "7.10", None)
    with pytest.raises(VersionUnknown, match=r"9\.9"):
        publication_target(OID, held, None, "9.9")
    with pytest.raises(VersionUnknown):
        publication_target(OID, (), None, None)


def test_rollbacks_undo_publications_one_by_one() -> None:
    turns = [turn("1", None), turn("2", "1"), turn("1", "2"), turn("3", "1")]
    for expected in ("1", "2", "1"):
        chosen = rollback_target(OID, turns)
        assert chosen == expected
        turns.append(turn(chosen, turns[-1].version, "rolled_back"))
    with pytest.raises(NothingBefore):
        rollback_target(OID, turns)


def test_a_rollback_may_return_to_the_version_in_force_before_the_first_record() -> None:
    assert rollback_target(OID, [turn("2", "1")]) == "1"
    with pytest.raises(NothingBefore):
        rollback_target(OID, [])


@given(st.lists(st.sampled_from("12345"), min_size=1, max_size=6), st.integers(1, 6))
def test_each_rollback_goes_one_publication_back(published: list[str], back: int) -> None:
    turns: list[Publication] = []
    for version in published:
        turns.append(turn(version, turns[-1].version if turns else None))
    for _ in range(min(back, len(published) - 1)):
        turns.append(turn(rollback_target(OID, turns), turns[-1].version, "rolled_back"))
    assert turns[-1].version == published[max(0, len(published) - 1 - back)]
