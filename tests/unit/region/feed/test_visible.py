"""Which transactions of the stream a snapshot sees: the stream carries 32 bits of a number, the snapshot 64."""

import pytest

from trustmed.feed.visible import unseen

AGE = 5 << 32


@pytest.mark.parametrize(
    ("snapshot", "transactions", "left"),
    [
        ("100:100:", {98, 99}, set()),
        ("100:100:", {99, 100, 101}, {100, 101}),
        ("90:100:90,95", {89, 90, 91, 95, 99}, {90, 95}),
        (f"{AGE + 90}:{AGE + 100}:{AGE + 90}", {90, 99, 100}, {90, 100}),
        # The stream's numbers have just wrapped around; the snapshot was taken before or after that.
        (f"{AGE - 2}:{AGE - 2}:", {(1 << 32) - 3, (1 << 32) - 2, 3}, {(1 << 32) - 2, 3}),
        (f"{AGE + 4}:{AGE + 4}:", {(1 << 32) - 1, 3, 4}, {4}),
        ("100:100:", set(), set()),
    ],
)
def test_transactions_that_the_snapshot_does_not_see_are_left(
    snapshot: str, transactions: set[int], left: set[int]
) -> None:
    assert unseen(snapshot, transactions) == left
