"""What the site says of its link with the region."""

from datetime import datetime
from typing import Literal

import msgspec

State = Literal["linked", "cut", "absent", "unknown"]


class LinkView(msgspec.Struct, frozen=True):
    """`handed_over_until`: everything signed before it is at the region; None where nothing is known to be.

    `waiting`: documents by organisation. `cause` names the slots that do not run and the links that have none.
    `documents_pass`: the link is cut in part only, and documents go on being handed over.
    """

    state: State = "unknown"
    handed_over_until: datetime | None = None
    waiting: dict[int, int] = {}
    cause: str | None = None
    documents_pass: bool = False

    def has(self, signed_at: datetime) -> bool:
        """Whether a document signed then is at the region."""
        return self.handed_over_until is not None and signed_at < self.handed_over_until
