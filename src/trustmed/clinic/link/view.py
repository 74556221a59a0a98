"""What the site tells about its link with the region."""

from datetime import datetime
from typing import Literal

import msgspec

State = Literal["linked", "cut", "absent", "unknown"]


class LinkView(msgspec.Struct, frozen=True):
    """Everything signed before `handed_over_until` is at the region; None: nothing is known to be there.

    `waiting` counts documents by organisation. `cause` names the slots that do not run and the links without a slot.
    `documents_pass`: the link is only partly cut, and documents are still being handed over.
    """

    state: State = "unknown"
    handed_over_until: datetime | None = None
    waiting: dict[int, int] = {}
    cause: str | None = None
    documents_pass: bool = False

    def has(self, signed_at: datetime) -> bool:
        """Whether a document signed at this moment is at the region."""
        return self.handed_over_until is not None and signed_at < self.handed_over_until
